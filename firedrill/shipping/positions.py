"""How far a shipper has read each file: the positions files of Promtail and of Alloy, read and written.

A shipper that runs writes its file anew all the time: only the file of one that does not run may be written.
Alloy's entries also name labels; ours has none on its targets, which it writes as {}.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import yaml

from firedrill.shipping.errors import CannotSay

SHIPPERS = ("promtail", "alloy")


def read(path: Path) -> dict[str, int]:
    """Bytes read by file; none where the shipper has not saved any yet. Raises CannotSay."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CannotSay(f"the positions file {path} cannot be read: {error.strerror}; run as the shipper") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}  # cut off by a power failure: a shipper begins anew as well
    if not isinstance(root, yaml.MappingNode):
        return {}
    found: dict[str, int] = {}
    for name, value in root.value:
        if name.value == "positions" and isinstance(value, yaml.MappingNode):
            found |= {_path(key): int(offset.value) for key, offset in value.value if str(offset.value).isdigit()}
    return found


def _path(key: yaml.Node) -> str:
    if isinstance(key, yaml.MappingNode):
        return str(next((value.value for name, value in key.value if name.value == "path"), ""))
    return str(key.value)


def write(path: Path, offsets: Mapping[str, int], shipper: str) -> None:
    """Replaces the file in one step. Raises CannotSay."""
    entry = _ALLOY if shipper == "alloy" else _PROMTAIL
    text = "".join(entry.format(path=_quoted(name), offset=offset) for name, offset in sorted(offsets.items()))
    aside = path.with_name(f".{path.name}.backfill")
    try:
        path.parent.mkdir(mode=0o750, exist_ok=True)  # Alloy makes it when it starts
        aside.unlink(missing_ok=True)
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
            handle.write(f"positions:\n{text}" if text else "positions: {}\n")
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    except OSError as error:
        raise CannotSay(f"the positions file {path} cannot be written: {error.strerror}; run as the shipper") from None


_PROMTAIL = '  {path}: "{offset}"\n'
_ALLOY = '  ? path: {path}\n    labels: "{{}}"\n  : "{offset}"\n'


def _quoted(path: str) -> str:
    """Plain where that is enough: logrotate's script reads the file by its words."""
    return path if all(char.isalnum() or char in "/._-" for char in path) else "'" + path.replace("'", "''") + "'"
