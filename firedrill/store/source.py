"""Where a command's questions go: `--files` with `--labels`, or `--loki` with `--tenant`, the same on every command.

`source_options` gives a command these options as one argument `source`; `source.open()` is the store behind them.
"""

from __future__ import annotations

import functools
import glob
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from firedrill.store import arguments
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from firedrill.store.store import Store, StoreError

DEFAULT_FILES = "/var/log/mm-bot/events-*.jsonl*"


@dataclass(frozen=True, slots=True)
class Source:
    """The options as they were given. Files have no tenants: `tenant`, maybe of the environment, is not used there."""

    files: tuple[str, ...] = ()
    labels: tuple[str, ...] = ("job=bot",)
    loki: str | None = None
    tenant: str | None = None

    def open(self, follow: bool = False) -> Store:
        """The store; `follow`: one that can be tailed.

        ValueError: the options contradict each other. StoreError: there is no file behind them.
        """
        if self.loki and self.files:
            raise ValueError("--files and --loki exclude each other")
        if self.loki:
            return Loki(self.loki, self.tenant)
        given, patterns = arguments.labels(self.labels), self.files or (DEFAULT_FILES,)
        if not any(glob.glob(pattern) for pattern in patterns):
            raise StoreError(f"no file matches {', '.join(patterns)}: give --files PATTERN or --loki URL")
        return Embedded(patterns, given, follow=follow)


def source_options(function: Callable[..., None]) -> Callable[..., None]:
    """Adds --files, --labels, --loki and --tenant to a command, which gets them as the argument `source: Source`."""

    @functools.wraps(function)
    def with_source(
        *args: Any, files: tuple[str, ...], labels: tuple[str, ...], loki: str | None, tenant: str | None, **kwargs: Any
    ) -> None:
        function(*args, source=Source(files, labels, loki, tenant), **kwargs)

    for option in reversed(_OPTIONS):
        with_source = option(with_source)
    return with_source


_OPTIONS = (
    click.option("--files", multiple=True, help=f"Pattern of log files.  [default: {DEFAULT_FILES}]"),
    click.option("--loki", help="URL of a Loki, or of an embedded store, instead of files."),
    click.option("--tenant", envvar="LOKI_ORG_ID", help="Whose logs, in a Loki with tenants.  [env: LOKI_ORG_ID]"),
    click.option(
        "--labels", multiple=True, default=("job=bot",), show_default=True, help="Labels of all lines of the files."
    ),
)
