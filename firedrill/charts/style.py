"""One look for all charts: colours that the colour-blind tell apart, on white and on black, and text sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Grade = Literal["good", "warn", "bad", "plain"]

PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c8c",
    "#b5a642", "#a0527c", "#4fb3a9", "#7a68c0", "#9c6b3c",
)  # fmt: skip
"""Okabe and Ito's without its yellow and black, which white and black swallow; then five more for crowded charts."""
BLUE, ORANGE, GREEN, RED = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[5]
GRADES: dict[str, str] = {"good": GREEN, "warn": ORANGE, "bad": RED, "plain": BLUE}

TEXT = 12.0
SMALL = 11.0
FONTS = ("DejaVu Sans", "Verdana", "sans-serif")
"""The first is what the text was measured in; the second has its widths and is where it is not."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a chart is drawn on and with, by its role; a page may set each anew (`css`)."""

    ink: str = "#1d2330"
    muted: str = "#5c6575"
    grid: str = "#e3e6eb"
    paper: str = "#fefefe"


LIGHT = Paper()
DARK = Paper("#e9ebf0", "#a3abba", "#343a46", "#171a21")
ROLES = ("ink", "muted", "grid", "paper")


def shade_of(value: float, steps: Sequence[tuple[float | None, str]]) -> str:
    """The colour of the highest step that `value` reaches; a step says from where on, None for all."""
    reached = [colour for begin, colour in steps if begin is None or value >= begin]
    return reached[-1] if reached else BLUE


def colours(count: int) -> list[str]:
    """`count` colours; they repeat after the palette's end, and `Lines` draws those dashed."""
    return [PALETTE[place % len(PALETTE)] for place in range(count)]


def css() -> str:
    """The roles as CSS variables for light and dark pages; an SVG of ours takes them from the page it stands in."""
    light, dark = (";".join(f"--chart-{role}:{getattr(paper, role)}" for role in ROLES) for paper in (LIGHT, DARK))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
