"""The store's unit: what it is started with exists, and what it writes lies where the unit lets it write."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from deploy.service import File
from deploy.services import embedded_store
from firedrill.service.command import serve
from tests.deploy.settings.test_contexts import _context


def unit(**data: object) -> str:
    files = {file.path: file for file in embedded_store.service(_context(**data)).files if isinstance(file, File)}
    return files[embedded_store.UNIT].content.decode()


def started_with(text: str) -> dict[str, str]:
    command = re.search(r"^ExecStart=(.*?[^\\])$", text, re.MULTILINE | re.DOTALL)
    assert command
    return dict(re.findall(r"(--[a-z-]+) ([^\s\\]+)", command.group(1)))


def test_every_option_of_the_unit_is_one_of_the_command() -> None:
    known = {name for parameter in serve.params for name in parameter.opts}
    assert set(started_with(unit())) <= known


def test_the_archive_lies_in_the_state_directory_and_is_kept_as_long_as_the_logs() -> None:
    text = unit(log_retention_days=9)
    options = started_with(text)
    state = PurePosixPath("/var/lib", *re.findall(r"^StateDirectory=(\S+)$", text, re.MULTILINE))
    assert PurePosixPath(options["--archive"]).is_relative_to(state)
    assert options["--keep"] == "9d"


def test_the_unit_stays_hardened_although_it_starts_a_process() -> None:
    text = unit()
    for line in ("ProtectSystem=strict", "NoNewPrivileges=yes", "SystemCallFilter=~@privileged @resources"):
        assert f"\n{line}\n" in text
    assert "ReadWritePaths" not in text
