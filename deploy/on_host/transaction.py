"""Runs on the host, with the host's own Python and nothing else: swaps staged files in, and back if they do no good.

    python3 - switch ID    keep what is there, move the staged files and the link into place, each by a rename
    python3 - activate ID  restart what has to, in start order, and wait until each unit is ready; else `restore`
    python3 - stamp ID     write down what this deploy left, keeping the earlier stamp
    python3 - restore      put back what `switch` kept, and restart it
    python3 - commit       forget what was kept

The plan (`plan.json` beside the staged tree) is made by `deploy.plan`. Every step can be repeated after a cut, and a
step goes on alone when its operator vanishes: so each holds the host's lock, and refuses a plan that is not its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/mmstack")
STAGE = STATE / "stage"
KEPT = STATE / "previous"
STAMP = STATE / "stamp.json"
CURRENT = Path("/opt/mm-bot/current")
LOCK = STATE / "lock"
READY_WITHIN_S = 40.0

_straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Opens URLs of this host itself, whatever proxy its environment names."""


class Failed(Exception):
    """A unit did not become ready; the message holds its last log lines."""


def switch(plan: dict[str, Any]) -> None:
    """Swap everything in. What was there before is kept first, so that a cut in the middle loses nothing."""
    paths = [entry["path"] for entry in plan["files"]] + plan["removals"]
    _keep([*paths, str(CURRENT)] if plan["link"] else paths, plan)
    for entry in plan["files"]:
        _place(STAGE / "tree" / entry["path"].lstrip("/"), entry)
    for name in filter(_is_known, plan["retire"]):
        _systemctl("disable", "--quiet", name)
    for path in plan["removals"]:
        _remove(Path(path))
    if plan["link"]:
        _point(plan["link"])


def activate(plan: dict[str, Any]) -> None:
    """Restart in start order; every unit must be ready before the next one is touched."""
    _systemctl("daemon-reload")
    for name in plan["retire"]:
        _stop(name)
    for unit in plan["unmask"]:
        _systemctl("unmask", unit)
        _systemctl("unmask", "--runtime", unit)
    if plan["enable"]:
        _systemctl("enable", "--quiet", *plan["enable"])
    for unit in plan["restart"]:
        _restart(unit)


def stamp(plan: dict[str, Any]) -> None:
    """The stamp of the operator's side, with what only the host knows: the release's digest and the time."""
    left = dict(plan["stamp"])
    left["release_sha256"] = (STATE / "releases" / left["release"]).read_text().split()[1]
    left["deployed_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    _keep([str(STAMP)], {"link": "", "restart": [], "retire": []})
    staged = STAGE / "stamp.json"
    staged.write_text(json.dumps(left, sort_keys=True))
    staged.chmod(0o600)
    staged.rename(STAMP)


def restore() -> None:
    """Put back what `switch` kept and restart the same units, each tried even if another one fails.

    Raises Failed with every unit that does not come up.
    """
    kept = json.loads((KEPT / "kept.json").read_text())
    for name in kept["born"]:
        _stop(name)
        if _is_known(name):
            _systemctl("disable", "--quiet", name)
    for path, backup in kept["paths"].items():
        if backup:
            _place(KEPT / backup, _as_it_was(path, KEPT / backup))
        else:
            _remove(Path(path))
    if kept["link"]:
        _point(kept["link"])
    _forget()
    _systemctl("daemon-reload")
    if kept["retired"]:
        _systemctl("enable", "--quiet", *kept["retired"])
    failures = []
    came_back = [{"name": name, "ready_url": None} for name in kept["retired"]]
    for unit in [*came_back, *(unit for unit in kept["restart"] if unit["name"] not in kept["born"])]:
        try:
            _restart(unit)
        except Failed as failure:
            failures.append(str(failure))
    if failures:
        raise Failed("\n".join(failures))


def commit() -> None:
    """The new state has proved itself: forget the old one."""
    _forget()


def _forget() -> None:
    """What was kept and what was staged. The list goes first: cut here, nothing half deleted is ever put back."""
    (KEPT / "kept.json").unlink(missing_ok=True)
    for directory in (KEPT, STAGE):
        if directory.exists():
            shutil.rmtree(directory)


def _keep(paths: list[str], plan: dict[str, Any]) -> None:
    """Copies of `paths` as they are. What an earlier, cut transaction kept is older, so it stays."""
    kept: dict[str, Any] = {"paths": {}, "link": "", "restart": [], "born": [], "retired": []}
    KEPT.mkdir(mode=0o700, exist_ok=True)
    if (KEPT / "kept.json").exists():
        kept = json.loads((KEPT / "kept.json").read_text())
    for path in paths:
        if path == str(CURRENT) or path in kept["paths"]:
            continue
        backup = str(len(kept["paths"]))
        kept["paths"][path] = backup if _copy(path, KEPT / backup) else ""
    if plan["link"] and not kept["link"] and CURRENT.is_symlink():
        kept["link"] = os.readlink(CURRENT)
    known = {unit["name"] for unit in kept["restart"]}
    fresh = [unit for unit in plan["restart"] if unit["name"] not in known]
    kept["born"] += [unit["name"] for unit in fresh if not _is_known(unit["name"])]
    kept["restart"] += fresh
    kept["retired"] += [name for name in plan["retire"] if name not in kept["retired"]]
    if STAMP.exists():  # else nothing here has ever proved itself
        staged = KEPT / "kept.json.new"
        staged.write_text(json.dumps(kept))
        staged.rename(KEPT / "kept.json")


def _copy(path: str, backup: Path) -> bool:
    if not os.path.isfile(path):
        return False
    shutil.copy2(path, backup)
    found = os.stat(path)
    os.chown(backup, found.st_uid, found.st_gid)
    return True


def _as_it_was(path: str, backup: Path) -> dict[str, Any]:
    found = backup.stat()
    return {"path": path, "owner": found.st_uid, "group": found.st_gid, "mode": stat.S_IMODE(found.st_mode)}


def _place(staged: Path, entry: dict[str, Any]) -> None:
    """The new file appears whole, with its final owner and mode, or not at all."""
    target = Path(entry["path"])
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.mmstack")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(staged.read_bytes())
        shutil.chown(fresh, entry["owner"], entry["group"])
        os.fchmod(file.fileno(), entry["mode"])
        os.fsync(file.fileno())
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    os.rename(fresh, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _point(target: str) -> None:
    fresh = CURRENT.with_name(".current.mmstack")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    if CURRENT.is_dir() and not CURRENT.is_symlink():
        shutil.rmtree(CURRENT)
    os.rename(fresh, CURRENT)


def _restart(unit: dict[str, Any]) -> None:
    name = unit["name"]
    _systemctl("reset-failed", name, check=False)
    started = subprocess.run(["systemctl", "restart", name], capture_output=True, text=True)
    if started.returncode != 0:
        said = started.stderr.strip().partition("\n")[0] or f"systemctl ended with {started.returncode}"
        raise Failed(f"{name} did not start: {said}\n{_last_words(name)}")
    problem = _wait_ready(name, unit["ready_url"])
    if problem:
        raise Failed(f"{name} is not healthy after {READY_WITHIN_S:.0f} s: {problem}\n{_last_words(name)}")


def _stop(name: str) -> None:
    """Raises Failed when it goes on all the same; one that nobody knows is stopped."""
    subprocess.run(["systemctl", "stop", name], capture_output=True)
    if subprocess.run(["systemctl", "--quiet", "is-active", name]).returncode == 0:
        raise Failed(f"{name} does not stop\n{_last_words(name)}")
    _systemctl("reset-failed", name, check=False)


def _is_known(name: str) -> bool:
    """Whether there is a file of that unit."""
    return subprocess.run(["systemctl", "cat", name], capture_output=True).returncode == 0


def _wait_ready(name: str, url: str | None) -> str:
    """ "" once the unit answers, else why it does not."""
    deadline, problem = time.monotonic() + READY_WITHIN_S, "never asked"
    while time.monotonic() < deadline:
        active = subprocess.run(["systemctl", "is-active", name], capture_output=True, text=True).stdout.strip()
        problem = _ask(url) if active == "active" else f"systemd says {active}"
        if not problem:
            return ""
        if active == "failed":
            return problem
        time.sleep(0.05)
    return problem


def _ask(url: str | None) -> str:
    if url is None:
        return ""
    try:
        with _straight.open(url, timeout=2):
            return ""
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code}: {error.read(300).decode(errors='replace').strip()}"
    except OSError as error:
        return f"{url}: {error}"


def _last_words(name: str) -> str:
    journal = ["journalctl", "--unit", name, "--lines", "12", "--no-pager", "--output", "cat"]
    said = subprocess.run(journal, capture_output=True, text=True).stdout
    return "\n".join(f"    | {line}" for line in said.splitlines())


def _systemctl(*arguments: str, check: bool = True) -> None:
    done = subprocess.run(["systemctl", *arguments], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise Failed(f"systemctl {' '.join(arguments)}: {done.stderr.strip()}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main(step: str, plan_id: str = "") -> int:
    """Exit status 0 done; 1 failed, and where there was a good state, restored."""
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _step(step, plan_id)


def _step(step: str, plan_id: str) -> int:
    if step == "restore":
        return _go_back("The host did not prove itself, so the deploy failed.")
    if step == "commit":
        commit()
        return 0
    staged = STAGE / "plan.json"
    plan = json.loads(staged.read_text()) if staged.exists() else {}
    if plan.get("id") != plan_id:
        _say("Another deploy has staged its own files here meanwhile, so this one ends; deploy again when it is done.")
        return 1
    try:
        {"switch": switch, "activate": activate, "stamp": stamp}[step](plan)
    except (Failed, OSError) as error:  # a full disk too: nothing may stay half swapped in
        return _go_back(str(error))
    return 0


def _go_back(why: str) -> int:
    _say(why)
    if not (KEPT / "kept.json").exists():
        proved = "No file was swapped in, so there is nothing to go back to."
        _say(proved if STAMP.exists() else "There is no earlier good state on this host to go back to.")
        return 1
    try:
        restore()
        _say(f"Went back to the last good state by itself: {os.readlink(CURRENT)} runs again.")
    except (Failed, OSError) as error:
        _say(f"Going back failed as well: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
