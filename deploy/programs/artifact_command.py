"""`python -m deploy artifacts`: fills and judges a folder of programs. Operators type `firedrill artifacts`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from ..versions import COMPONENTS, Component
from .artifacts import digest_of, fill, judge, plain_names
from .mirror import SUMS, Unfit, note, sums_in

WRONG, UNKNOWN = 1, 2

_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_chosen = click.option(
    "--component", "names", multiple=True, type=click.Choice(list(COMPONENTS)), help="Only this one; may be repeated."
)


@click.group("artifacts", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """A folder of programs for hosts that cannot reach the vendors; the text is firedrill's."""


@command.command("fetch")
@_folder
@_chosen
@click.option("--from", "base", default="", metavar="URL", help="A mirror that has the archives side by side.")
def fetch_command(folder: Path, names: tuple[str, ...], base: str) -> None:
    """Bring what is pinned into DIR, each archive held to its SHA-256; what is good already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = False
    for component in _components(names):
        try:
            program = fill(folder, component, base, _Progress())
            if (archive := folder / component.archive).is_file():
                note(folder, {archive.name: digest_of(archive)})
            _say(f"{component.name} {program.version}: {program.checked}")
        except Unfit as error:
            failed = True
            _say(f"{component.name} {component.version}: FAILED: {error}")
    sys.exit(WRONG if failed else 0)


@command.command("verify")
@_folder
@_chosen
def verify_command(folder: Path, names: tuple[str, ...]) -> None:
    """Say of each program in DIR whether it may be installed, and how that is known."""
    _require(folder)
    wrong = list(_wrong_lines(folder))
    for component in _components(names):
        if not names and not _there(folder, component):
            _say(f"  -   {component.name} {component.version}: not here")
            continue
        try:
            program = judge(folder, component)
            _say(f"  ok  {component.name} {program.version}: {program.checked}")
        except Unfit as error:
            wrong.append(str(error))
    if not names and not any(_there(folder, component) for component in COMPONENTS.values()):
        wrong.append(f"{folder} has none of the programs; fill it: firedrill artifacts fetch {folder}")
    for sentence in dict.fromkeys(wrong):
        _say(f" BAD  {sentence}")
    sys.exit(WRONG if wrong else 0)


@command.command("list")
@_folder
def list_command(folder: Path) -> None:
    """Say what is pinned and which files of it lie in DIR, without reading them."""
    _require(folder)
    known = {SUMS}
    for component in COMPONENTS.values():
        files = _files(folder, component)
        known |= {path.name for path in files}
        where = ", ".join(path.name for path in files) or f"not here; {component.url}"
        _say(f"{component.name:<13} {component.version:<9} {where}")
        if component.note:
            _say(f"{'':<23} ({component.note})")
    others = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in known)
    if others:
        _say(f"Not used by a deploy: {', '.join(others)}")


def _components(names: tuple[str, ...]) -> list[Component]:
    return [component for name, component in COMPONENTS.items() if name in names or not names]


def _files(folder: Path, component: Component) -> list[Path]:
    names = dict.fromkeys((component.archive, *plain_names(component)))
    return [path for path in (folder / name for name in names) if path.is_file()]


def _there(folder: Path, component: Component) -> bool:
    return bool(_files(folder, component))


def _wrong_lines(folder: Path) -> Iterator[str]:
    """Files that SHA256SUMS names, ours or not: each must be there and be what it says."""
    try:
        sums = sums_in(folder)
    except Unfit as error:
        yield str(error)
        return
    for name, digest in sums.items():
        path = folder / name
        if not path.is_file():
            yield f"{path} is missing, and {SUMS} names it; bring it again: firedrill artifacts fetch {folder}"
        elif (found := digest_of(path)) != digest:
            yield f"{path} is not what its {SUMS} says ({digest}): its SHA-256 is {found}; bring it again"


def _require(folder: Path) -> None:
    """Nothing can be said of a folder that is not there or cannot be read."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        click.echo(f"{folder} cannot be looked into: {error.strerror}; name a folder", err=True)
        sys.exit(UNKNOWN)


class _Progress:
    """On a terminal a line that overwrites itself; elsewhere a line every ten seconds."""

    def __init__(self) -> None:
        self.told = time.monotonic()

    def __call__(self, name: str, come: int, size: int) -> None:
        live = sys.stderr.isatty()
        now = time.monotonic()
        if now - self.told < (0.2 if live else 10.0) and come != size:
            return
        self.told = now
        part = f"{come / 1e6:.1f} of {size / 1e6:.1f} MB, {100 * come // size}%" if size else f"{come / 1e6:.1f} MB"
        click.echo(f"\r\x1b[K{name}: {part}" if live else f"{name}: {part}", nl=not live or come == size, err=True)


def _say(text: str) -> None:
    click.echo(text)
