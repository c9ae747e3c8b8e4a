"""`firedrill secrets check`: which secrets the hosts of an inventory want, and how the operator keeps them.

Names, modes and what git thinks of the files; a value is read to see that it is not empty, and goes nowhere.
"""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pyinfra.api.host import Host

from ..apply import data_of, secrets_path
from ..services import grafana
from ..templates import ROOT
from .channels import CHANNELS
from .contexts import BOT_SECRETS, DEFAULTS, env_texts, words
from .trading import trading

BUCKET_KEYS = {
    "loki_s3_access_key": "access key of the bucket in loki_s3",
    "loki_s3_secret_key": "secret key of the bucket in loki_s3",
}
FOR_THE_BOT = "handed to the bot as a credential of that name"
NOBODY = "no host asks for it: remove it"


@dataclass(frozen=True, slots=True)
class SecretsFile:
    """One file of the operator's; `names` maps a name to its state (present, missing, unused) and its purpose."""

    path: str
    hosts: tuple[str, ...]
    mode: str
    git: str
    names: dict[str, tuple[str, str]]
    problems: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)


def check(hosts: Sequence[Host]) -> list[SecretsFile]:
    """One entry for each file that hosts name, in order."""
    sharing: dict[Path, list[Host]] = {}
    for host in hosts:
        sharing.setdefault(secrets_path(host), []).append(host)
    return [_look(path, together) for path, together in sharing.items()]


def wanted(data: Mapping[str, object]) -> dict[str, str]:
    """Names that a host with these settings needs, with the purpose of each."""
    settings = {**DEFAULTS, **data}
    found = {CHANNELS[n].secret: CHANNELS[n].purpose for n in words(settings["alert_channels"]) if n in CHANNELS}
    if settings["loki_s3"]:
        found |= BUCKET_KEYS
    if str(settings["grafana"]).lower() in ("true", "1", "yes"):
        found |= grafana.OWN
    if isinstance(settings["bot"], Mapping):
        found |= trading(env_texts(settings["bot"])).keys
    return found


def _look(path: Path, hosts: Sequence[Host]) -> SecretsFile:
    asked = {name: purpose for host in hosts for name, purpose in wanted(data_of(host)).items()}
    there, problems = _names(path)
    names = {name: ("present" if name in there else "missing", purpose) for name, purpose in asked.items()}
    for name in sorted(there - set(asked)):
        names[name] = ("present", FOR_THE_BOT) if name.startswith(BOT_SECRETS) else ("unused", NOBODY)
    made = not path.exists() and all(data_of(host).get("secrets_generate") for host in hosts)
    if made:
        problems = []
    problems += [
        f"{name} is missing ({purpose}): add a line {name}=... to {_shown(path)}"
        for name, (state, purpose) in names.items()
        if state == "missing" and not made
    ]
    git, git_problems = _git(path)
    mode = f"{stat.S_IMODE(path.stat().st_mode):04o}" if path.exists() else "made by the first deploy" if made else "-"
    shown = tuple(str(host.name) for host in hosts)
    return SecretsFile(_shown(path), shown, mode, git, names, (*problems, *git_problems))


def _names(path: Path) -> tuple[set[str], list[str]]:
    """Names with a value, and what is wrong with the file."""
    if not path.exists():
        return set(), [f"{_shown(path)} does not exist: create it (chmod 600), one NAME=value a line"]
    problems = []
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        problems.append(f"{_shown(path)} has mode {mode:04o}, others can read it: chmod 600 {_shown(path)}")
    found = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        name, equals, value = line.partition("=")
        if not line.strip() or line.startswith("#"):
            continue
        if not equals or not name.isidentifier():
            problems.append(f"{_shown(path)} line {number} is not NAME=value (its text is not shown)")
        elif value:
            found.add(name)
    return found, problems


def _git(path: Path) -> tuple[str, list[str]]:
    """What git would do with the file; outside a repository there is nothing to commit it to."""

    def says(*command: str) -> int:
        return subprocess.run(["git", "-C", str(ROOT), *command, "--", str(path)], capture_output=True).returncode

    if says("rev-parse", "--is-inside-work-tree"):
        return "no git here", []
    if not says("ls-files", "--error-unmatch"):
        return "COMMITTED", [f"{_shown(path)} is committed: git rm --cached it, then change every secret in it"]
    if path.is_relative_to(ROOT) and says("check-ignore", "--quiet"):
        return "not ignored", [f"{_shown(path)} is not ignored by git: add it to .gitignore before it is committed"]
    return "ignored by git" if path.is_relative_to(ROOT) else "outside the checkout", []


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def lines(file: SecretsFile) -> list[str]:
    """The file for people."""
    width = max((len(name) for name in file.names), default=0)
    listed = [
        f"  {name.ljust(width)}  {'MISSING' if state == 'missing' else state:7}  {purpose}"
        for name, (state, purpose) in file.names.items()
    ]
    head = f"{file.path}: mode {file.mode}, {file.git}, for {', '.join(file.hosts)}"
    return [head, *listed, *(f"  RED {problem}" for problem in file.problems)]
