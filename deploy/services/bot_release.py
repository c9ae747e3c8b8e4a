"""Where releases of the bot live: one directory each, `current` a link. How they are built is told in `releases`."""

from __future__ import annotations

from ..host_script import MARKERS, RELEASES, WHEELHOUSE
from ..service import Directory, File, Service, Validation
from ..settings.contexts import Context
from ..templates import render

COMMANDS = ("/usr/local/bin/mm-bot", "/usr/local/bin/firedrill")
"""On every user's path: whatever release is current."""


def service(context: Context) -> Service:
    """The service of that name."""
    return Service(
        name="releases",
        directories=(
            Directory(RELEASES.rpartition("/")[0]),
            Directory(RELEASES),
            Directory(MARKERS, mode=0o700),
            Directory(WHEELHOUSE, mode=0o700),
        ),
        files=tuple(File(path, render("mm-bot/command", context, path=path), mode=0o755) for path in COMMANDS),
        validations=tuple(Validation(path, "sh -n {stage}" + path, files=(path,)) for path in COMMANDS),
    )
