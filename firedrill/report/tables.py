"""Tables as plain text, for a terminal or a file: words to the left, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

import click

GAP = "  "
COLORS = {"green": "green", "amber": "yellow", "red": "red", "GO": "green", "NO-GO": "red"}
"""How a word is shown where the terminal has colours."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """The first `left` columns are words. Colour does not count as width."""
    widths = [max(len(row[n]) for row in [header, *rows]) for n in range(len(header))]
    lines = []
    for row in [header, *rows]:
        cells = [
            text.ljust(width) if n < left else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(
            GAP.join(
                click.style(cell, fg=COLORS[cell.strip()]) if cell.strip() in COLORS else cell for cell in cells
            ).rstrip()
        )
    return "\n".join(lines)


def number(value: float | None, unit: str = "") -> str:
    """At most three decimals; a dash for what does not exist."""
    if value is None:
        return "-"
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip() if unit != "%" else f"{text}%"
