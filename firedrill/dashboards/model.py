"""Dashboards as Grafana's classic JSON holds them, as far as a drawing needs it.

A panel of a kind that cannot be drawn is kept, and says so where it would stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firedrill.store import arguments


class DashboardError(Exception):
    """A file is no dashboard: the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """One query of a panel, with its variables still in it."""

    ref: str
    query: str
    legend: str
    instant: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """`x`, `y`, `width`, `height` in grid units; `steps` and `words` by value, with colours as `#rrggbb`.

    `options` and `custom` are Grafana's own, for what only one kind of panel reads.
    """

    id: int
    kind: str
    title: str
    text: str
    unit: str
    x: int
    y: int
    width: int
    height: int
    targets: Sequence[Target]
    steps: Sequence[tuple[float | None, str]]
    words: Mapping[float, tuple[str, str]]
    least_step: int
    points: int
    options: Mapping[str, Any]
    custom: Mapping[str, Any]
    transformations: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`variables` are the values that stand in for Grafana's: everything, where there is a choice."""

    uid: str
    title: str
    text: str
    panels: Sequence[Panel]
    variables: Mapping[str, str]


def load(folder: Path) -> list[Dashboard]:
    """The dashboards of a folder, overview first. DashboardError names what is no dashboard."""
    paths = sorted(folder.glob("*.json"), key=lambda path: ("overview" not in path.name, path.name))
    if not paths:
        raise DashboardError(f"{folder} holds no *.json: run this in the checkout, or give --dashboards DIR")
    return [_read(path) for path in paths]


def _read(path: Path) -> Dashboard:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        listed = raw.get("templating", {}).get("list", [])
        return Dashboard(
            uid=str(raw["uid"]),
            title=str(raw["title"]),
            text=str(raw.get("description", "")),
            panels=[_panel(one) for one in raw["panels"] if one["type"] != "row"],
            variables={one["name"]: _value(one) for one in listed},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DashboardError(f"{path} is no dashboard in Grafana's classic JSON: {error!r}") from None


def _value(variable: Mapping[str, Any]) -> str:
    if variable["type"] in ("textbox", "constant"):
        return str(variable.get("query", ""))
    if variable.get("includeAll"):
        return str(variable.get("allValue") or ".*")
    return str(variable.get("current", {}).get("value", ""))


def _panel(raw: Mapping[str, Any]) -> Panel:
    place = raw["gridPos"]
    field = raw.get("fieldConfig", {}).get("defaults", {})
    targets = [one for one in raw.get("targets", ()) if not one.get("hide")]
    return Panel(
        id=int(raw["id"]),
        kind=str(raw["type"]),
        title=str(raw.get("title", "")),
        text=str(raw.get("description", "")),
        unit=str(field.get("unit", "short")),
        x=int(place["x"]),
        y=int(place["y"]),
        width=int(place["w"]),
        height=int(place["h"]),
        targets=[_target(one) for one in targets],
        steps=[(step["value"], str(step["color"])) for step in field.get("thresholds", {}).get("steps", ())],
        words=_words(field.get("mappings", ())),
        least_step=arguments.step(raw["interval"]) if raw.get("interval") else 0,
        points=int(raw.get("maxDataPoints") or 300),
        options=raw.get("options", {}),
        custom=field.get("custom", {}),
        transformations=raw.get("transformations") or (),
    )


def _target(raw: Mapping[str, Any]) -> Target:
    legend = raw.get("legendFormat", "")
    return Target(raw["refId"], raw["expr"], "" if legend == "__auto" else legend, raw.get("queryType") == "instant")


def _words(mappings: Sequence[Mapping[str, Any]]) -> dict[float, tuple[str, str]]:
    return {
        float(value): (told.get("text", value), told.get("color", ""))
        for mapping in mappings
        if mapping["type"] == "value"
        for value, told in mapping["options"].items()
    }
