"""Secrets come as files; whatever is missing is one sentence with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.runtime.credentials import Credentials


def test_a_credential_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "hyperliquid_agent_key").write_text("0xabc\n")
    assert Credentials({"CREDENTIALS_DIRECTORY": str(tmp_path)}).read("hyperliquid_agent_key", "signs") == "0xabc"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"], ids=("absent", "empty", "blank", "no-text"))
def test_what_is_missing_says_the_remedy(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "hyperliquid_agent_key").write_bytes(content)
    for environment in ({"CREDENTIALS_DIRECTORY": str(tmp_path)}, {}):
        with pytest.raises(CannotStart, match=r"no credential hyperliquid_agent_key \(signs\): on a host, put a line"):
            Credentials(environment).read("hyperliquid_agent_key", "signs")
