"""Which build this is: from `build.json` in a wheel, or from the checkout it runs in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from bot.errors import CannotStart

DISTRIBUTION = "mmstack"


@dataclass(frozen=True, slots=True)
class Build:
    """`release` is `<version>+<commit7>`, `commit` 40 hex digits; a checkout says "+source" and "source"."""

    release: str
    commit: str


def read(folder: Path = Path(__file__).parent) -> Build:
    """The build id beside this module. Raises CannotStart if `build.json` is there but damaged."""
    path = folder / "build.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Build)
    except FileNotFoundError:
        return Build(release=f"{_source_version(folder)}+source", commit="source")
    except (OSError, msgspec.DecodeError) as error:
        raise CannotStart(f"{path} does not hold a build id ({error}): install the release again") from error


def _source_version(folder: Path) -> str:
    project = folder.parent / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text())["project"]["version"])
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0"
