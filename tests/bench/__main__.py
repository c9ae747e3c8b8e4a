"""`make bench`: measures, prints a table, writes bench.json. No number here is an assertion."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import click

from tests.bench import decisions, evening, event_log, log_engine, operations, quantization, report, shipping, whole_bot

PARTS = {
    "quantization": quantization.rows,
    "decisions": decisions.rows,
    "whole": whole_bot.rows,
    "evening": evening.rows,
    "events": event_log.rows,
    "logs": log_engine.rows,
    "report": report.rows,
    "shipping": shipping.rows,
    "operations": operations.rows,
}
HEADER = f"{'what':44} {'ours':>9} {'other':>9} {'unit':4} {'ratio':>7}  against"


@click.command()
@click.option("--json", "path", type=click.Path(path_type=Path), default=Path("bench.json"), show_default=True)
@click.option("--part", "parts", type=click.Choice(list(PARTS)), multiple=True, default=list(PARTS), help="Only these.")
def main(path: Path, parts: tuple[str, ...]) -> None:
    """Measure ours beside a named alternative; a ratio above 1 is in our favour."""
    click.echo(HEADER)
    found = []
    for row in chain.from_iterable(PARTS[part]() for part in parts):
        click.echo(
            f"{row.name:44} {row.ours:9.2f} {row.other:9.2f} {row.unit:4} {row.ratio:7.1f}  {row.other_name}", nl=True
        )
        found.append(row.as_json())
    path.write_text(json.dumps(found, indent=1) + "\n")
    click.echo(f"written to {path}")


if __name__ == "__main__":
    main()
