"""Where releases of the bot live: one directory each, `current` a link. How they are built is told in `releases`."""

from __future__ import annotations

from .contexts import Context
from .host_state import MARKERS, RELEASES, WHEELHOUSE
from .service import Directory, Service


def service(_context: Context) -> Service:
    """The service of that name."""
    return Service(
        name="releases",
        directories=(
            Directory(RELEASES.rpartition("/")[0]),
            Directory(RELEASES),
            Directory(MARKERS, mode=0o700),
            Directory(WHEELHOUSE, mode=0o700),
        ),
    )
