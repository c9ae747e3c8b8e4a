"""How a check says what it found: `expect(found=..., expected=..., remedy=...)`; a difference ends the check."""

from __future__ import annotations

from dataclasses import dataclass


class Red(AssertionError):
    """A check found something other than expected."""


@dataclass(slots=True)
class Expect:
    """Keeps the last statement of a check, green or red, so that a report can quote it."""

    found: str = ""
    expected: str = ""
    remedy: str = ""
    settles: bool = False

    def __call__(
        self, *, found: object, expected: object, remedy: str, ok: bool | None = None, settles: bool = False
    ) -> None:
        """Green when `ok`, or without it when `found == expected`. Raises Red otherwise.

        `settles`: may be red for some seconds after a service started, and become green without any repair.
        """
        self.found, self.expected, self.remedy, self.settles = _text(found), _text(expected), remedy, settles
        if not (found == expected if ok is None else ok):
            raise Red(f"found {self.found}, expected {self.expected}")


def _text(value: object) -> str:
    """One line for people: lists as a, b, c; nothing as "none"."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(part) for part in (value if isinstance(value, (list, tuple)) else sorted(value))) or "none"
    return " ".join(str(value).split()) if value not in (None, "") else "none"
