"""What a second operator is told, from what the host answers."""

from __future__ import annotations

import pytest

from deploy.operators import _who


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            "held 1700000120 1700000000 ann@desk (pid 42)",
            "ann@desk (pid 42) has been deploying to it since 2023-11-14 22:13:20 UTC (120 s ago); "
            "wait until that has ended, then deploy again",
        ),
        ("held 1700000120 ", "another deploy is at work on it; deploy again when it has ended"),
        ("held 1700000120 x y", "another deploy is at work on it; deploy again when it has ended"),
    ],
)
def test_the_holder_is_named(answer: str, told: str) -> None:
    assert _who(answer) == told
