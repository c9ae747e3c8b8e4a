"""The same wanted state as a tuned Ansible playbook: pipelining, a kept connection, no fact gathering.

It manages the files, directories, accounts, packages and units of a deployed host and nothing else: no release, no
validation, no proof. So the comparison favours it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from deploy.service import Wanted
from tests.host.desk import Desk

LOCK = Path(__file__).with_name("ansible.lock")

SETTINGS = """\
[defaults]
gathering = explicit
host_key_checking = false
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = true
ssh_args = -F {ssh_config} -o ControlMaster=auto -o ControlPersist=60s
"""


class Ansible:
    """A playbook for one host, in a folder and a virtual environment of its own."""

    def __init__(self, folder: Path, desk: Desk, wanted: Wanted) -> None:
        self.folder, self.name = folder, str(desk.host["name"])
        (folder / "ansible.cfg").write_text(SETTINGS.format(ssh_config=desk.host["ssh_config"]))
        (folder / "play.yml").write_text(yaml.safe_dump([_play(folder, wanted)], sort_keys=False))
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        install = [str(folder / "venv/bin/pip"), "install", "--quiet", "--require-hashes", "-r", str(LOCK)]
        subprocess.run(install, check=True)

    def run(self) -> None:
        """Play it once. Raises when it changes anything on a host that is as it should be."""
        command = [str(self.folder / "venv/bin/ansible-playbook"), "-i", f"{self.name},", "play.yml"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0 or "changed=0" not in done.stdout:
            raise RuntimeError(f"the playbook does not say the same as the deploy:\n{done.stdout}{done.stderr}")


def _play(folder: Path, wanted: Wanted) -> dict[str, object]:
    return {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"apt": {"name": wanted.packages}},
            *({"user": {"name": a.name, "system": True, "create_home": False}} for a in wanted.accounts),
            *(_directory(d.path, d.owner, d.group, d.mode) for d in wanted.directories),
            *(_file(folder, number, wanted) for number in range(len(wanted.files))),
            *({"systemd": {"name": u.name, "enabled": True, "state": "started"}} for u in wanted.units),
        ],
    }


def _directory(path: str, owner: str, group: str, mode: int) -> dict[str, object]:
    return {"file": {"path": path, "state": "directory", "owner": owner, "group": group, "mode": f"0{mode:o}"}}


def _file(folder: Path, number: int, wanted: Wanted) -> dict[str, object]:
    file = wanted.files[number]
    source = folder / f"file-{number}"
    source.write_bytes(file.content)
    owned = {"owner": file.owner, "group": file.group, "mode": f"0{file.mode:o}"}
    return {"copy": {"src": str(source), "dest": file.path, **owned}, "no_log": file.secret}
