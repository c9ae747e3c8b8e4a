"""The command `firedrill artifacts`. What is pinned the checkout's `deploy` knows: it is asked, as a process."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import click

UNKNOWN = 2
_folder = click.argument("folder", metavar="DIR")
_chosen = click.option(
    "--component", "names", multiple=True, metavar="NAME", help="Only loki, promtail, ...; may be repeated."
)


@click.group("artifacts", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """A folder of programs for hosts that cannot reach the vendors.

    The versions, and the SHA-256 of upstream's archives, are pinned in deploy/versions.py; never "latest".

    \b
    Where there is a network:
      firedrill artifacts fetch /srv/artifacts               upstream's archives, and a SHA256SUMS
      firedrill artifacts fetch /srv/artifacts --component loki --component promtail

    \b
    Carry the folder over, then:
      firedrill artifacts verify /srv/artifacts              0 good, 1 something is wrong or missing, 2 no such folder
      pyinfra inventory/prod.py deploy.py --data install_source=archive --data artifacts=/srv/artifacts

    The folder may hold plain programs instead (loki, promtail, ...): they are held to its SHA256SUMS, and without one
    to the version that they say they are. A deploy takes an http(s) URL for `artifacts` as well.
    """


@command.command("fetch")
@_folder
@_chosen
@click.option("--from", "base", default="", metavar="URL", help="A mirror with the archives side by side.")
def fetch(folder: str, names: tuple[str, ...], base: str) -> None:
    """Bring what is pinned into DIR.

    Each archive appears whole and with the right SHA-256, or not at all; what is good already stays, so a run that was
    cut goes on where it was. From a mirror plain programs are taken too, if its SHA256SUMS names them.

    \b
    Examples:
      firedrill artifacts fetch /srv/artifacts
      firedrill artifacts fetch /srv/artifacts --from https://mirror.example.net/mmstack
    Exit status: 0 all there, 1 something could not be had, 2 it cannot be said.
    """
    _ask("fetch", folder, *_words(names), *([f"--from={base}"] if base else []))


@command.command("verify")
@_folder
@_chosen
def verify(folder: str, names: tuple[str, ...]) -> None:
    """Say of each program in DIR whether a deploy would take it, and how that is known.

    Every file that SHA256SUMS names must be there and be what it says. Without --component the programs that DIR does
    not have are only told; with it they must be there.

    \b
    Example:
      firedrill artifacts verify /srv/artifacts --component loki --component promtail
    Exit status: 0 all good, 1 something is wrong or missing, 2 it cannot be said.
    """
    _ask("verify", folder, *_words(names))


@command.command("list")
@_folder
def list_(folder: str) -> None:
    """Say what is pinned, and which files of it lie in DIR, without reading them.

    \b
    Example:
      firedrill artifacts list /srv/artifacts
    Exit status: 0, or 2 when it cannot be said.
    """
    _ask("list", folder)


def _words(names: tuple[str, ...]) -> list[str]:
    return [f"--component={name}" for name in names]


def _ask(*words: str) -> None:
    """The answer goes straight to whoever asked, progress too."""
    if PathFinder.find_spec("deploy", [str(Path.cwd()), *sys.path]) is None:
        click.echo("there is no deploy here: run firedrill in a checkout of the repository", err=True)
        sys.exit(UNKNOWN)
    done = subprocess.run([sys.executable, "-m", "deploy", "artifacts", *words])
    sys.exit(done.returncode if done.returncode in (0, 1) else UNKNOWN)
