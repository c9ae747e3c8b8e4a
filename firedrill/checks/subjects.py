"""What a check is repeated over: the name of its argument says which list of the expectations it gets."""

from __future__ import annotations

from collections.abc import Callable

from firedrill.checks import places
from firedrill.checks.request import DISKS
from firedrill.checks.target import Target

SUBJECTS: dict[str, Callable[[Target], list[str]]] = {
    "unit": lambda target: sorted(target.expected.units),
    "service": lambda target: target.expected.services,
    "of_release": lambda target: [unit for unit in (places.BOT, places.STORE) if unit in target.expected.units],
    "hardened": lambda target: sorted(
        name for name, unit in target.expected.units.items() if unit.max_exposure is not None
    ),
    "path": lambda target: sorted(target.expected.files),
    "directory": lambda target: sorted(target.expected.directories),
    "exclusive": lambda target: target.expected.exclusive,
    "port": lambda target: sorted(target.expected.ports, key=int),
    "firewall": lambda target: [target.expected.firewall] if target.expected.firewall else [],
    "package": lambda target: sorted(target.expected.packages),
    "vendor": lambda target: sorted(target.expected.vendor),
    "program": lambda target: sorted(target.expected.programs),
    "account": lambda target: sorted(target.expected.accounts),
    "boards": lambda target: target.expected.boards,
    "disk": lambda _target: list(DISKS),
    "rotation": lambda target: sorted(path for path in target.expected.files if path.startswith("/etc/logrotate.d/")),
}
"""Argument name -> the subjects on one host."""
