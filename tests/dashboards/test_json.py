"""The committed dashboards: fresh, whole, and honest about names. The SDK validates nothing, so this does."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from grafana_foundation_sdk.models import units

from bot import events
from dashboards import build
from dashboards.__main__ import main
from dashboards.board import TAG, VARIABLES, Board
from dashboards.panels import About, Asked, lines, number, unit_of
from dashboards.sdk import JSONEncoder, model
from firedrill.charts.units import KNOWN
from firedrill.dashboards.macros import Times, filled
from firedrill.dashboards.model import Dashboard, load
from firedrill.rules.lint import lint

REPOSITORY = Path(__file__).resolve().parents[2]
RAW: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in build.FOLDER.glob("*.json")}
PANELS = [(uid, panel) for uid, board in RAW.items() for panel in board["panels"]]
NAMES = [f"{uid}/{panel['title']}" for uid, panel in PANELS]
GRAFANAS = {value for value in vars(units).values() if isinstance(value, str)}
DAY = Times(0, 86_400 * 10**9)


def test_json_is_what_the_code_makes() -> None:
    assert build.stale() == [], "run `python -m dashboards build` and commit dashboards/json"


def test_there_are_five_with_clearly_more_than_thirteen_panels() -> None:
    assert set(RAW) == {f"{TAG}-{name}" for name in ("overview", "orders", "strategy", "rotation", "pipeline")}
    assert len(PANELS) > 60


@pytest.mark.parametrize("uid", RAW)
def test_the_sdk_reads_back_what_it_wrote(uid: str) -> None:
    """All but where links stand: the SDK always says a place, the one that hides them in a menu."""
    read = json.loads(json.dumps(model.Dashboard.from_json(RAW[uid]), cls=JSONEncoder))
    assert [link.pop("placement") for link in read["links"]] == ["inControlsMenu"]
    assert read == RAW[uid]


def test_the_address_of_the_runbooks_is_neither_shown_nor_carried_along() -> None:
    for board in RAW.values():
        (hidden,) = [one for one in board["templating"]["list"] if one["name"] == "runbooks"]
        assert (hidden["type"], hidden["hide"], hidden["skipUrlSync"]) == ("constant", 2, True)


@pytest.mark.parametrize("uid", RAW)
def test_it_is_one_that_a_file_provider_takes(uid: str) -> None:
    board = RAW[uid]
    assert board["uid"] == uid
    assert board["schemaVersion"] == 42
    assert board.get("id") is None
    assert board["editable"] is False
    assert board["timezone"] == "utc"
    assert board["description"]
    assert TAG in board["tags"]


def test_titles_and_ids_are_unique() -> None:
    assert [n for n, times in Counter(board["title"] for board in RAW.values()).items() if times > 1] == []
    for board in RAW.values():
        for key in ("id", "title"):
            assert [n for n, times in Counter(p[key] for p in board["panels"]).items() if times > 1] == []


@pytest.mark.parametrize("uid", RAW)
def test_panels_lie_on_the_grid_and_on_no_other_panel(uid: str) -> None:
    places = [(p["title"], p["gridPos"]) for p in RAW[uid]["panels"]]
    assert [title for title, g in places if g["x"] < 0 or g["x"] + g["w"] > 24] == []
    for (one, a), (other, b) in combinations(places, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert apart or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"], f"{one} lies on {other}"


@pytest.mark.parametrize("panel", [panel for _, panel in PANELS], ids=NAMES)
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith((".", ".md", ")"))
    assert panel["datasource"] == {"type": "loki", "uid": "loki"}
    unit = panel["fieldConfig"]["defaults"]["unit"]
    assert unit in KNOWN & GRAFANAS or unit.startswith("suffix:"), unit
    refs = [target["refId"] for target in panel["targets"]]
    assert refs
    assert len(refs) == len(set(refs))
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        assert target["queryType"] in ("instant", "range")


@pytest.mark.parametrize("panel", [panel for _, panel in PANELS], ids=NAMES)
def test_runbooks_of_a_panel_are_there(panel: dict[str, Any]) -> None:
    paths = [link["url"].removeprefix("${runbooks}") for link in panel["links"]]
    assert [path for path in paths if not (REPOSITORY / path).is_file()] == []
    told = panel["description"].partition("Runbook: ")[2]
    assert told == ", ".join(paths)


def _asked(board: dict[str, Any]) -> str:
    return json.dumps([[panel["targets"], panel["links"]] for panel in board["panels"]])


@pytest.mark.parametrize("uid", RAW)
def test_every_variable_is_used_and_every_one_used_is_there(uid: str) -> None:
    board = RAW[uid]
    there = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", _asked(board))) - {"__auto"}
    assert there == used
    assert used <= {*VARIABLES, "runbooks"}


def test_host_filters_every_panel_and_market_every_one_about_markets() -> None:
    for _, panel in PANELS:
        for target in panel["targets"]:
            assert 'host=~"$host"' in target["expr"], panel["title"]
            if 'market="market"' in target["expr"]:
                assert '| market=~"$market"' in target["expr"], panel["title"]


def test_venue_filters_only_what_says_its_venue() -> None:
    """No other event has the field: a variable that cannot filter does not pretend to."""
    with_venue = {action for action in events.ALL if "venue" in events.fields(action)}
    assert with_venue == {"startup", "feed_connect", "feed_disconnect"}
    for _, panel in PANELS:
        for target in panel["targets"]:
            if "$venue" in target["expr"]:
                assert set(re.findall(r'action=~?"([^"]+)"', target["expr"])[0].split("|")) <= with_venue


def test_queries_pass_the_lint_of_alert_rules(tmp_path: Path) -> None:
    """Every stream label, action, field and grouping is one that the bot logs, and no odd line blinds a panel."""
    folder = tmp_path / "panels"
    folder.mkdir()
    rules = [
        {
            "alert": f"{board.uid} {panel.id} {target.ref}",
            "expr": filled(target.query, board.variables, DAY, 300 * 10**9, instant=False),
            "labels": {"severity": "none", "family": "panels"},
            "annotations": {"summary": "-", "runbook": "-", "query": "orders"},
        }
        for board in load(build.FOLDER)
        for panel in board.panels
        for target in panel.targets
    ]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    groups, problems = lint(folder)
    assert [str(problem) for problem in problems] == []
    assert sum(len(group.rules) for group in groups) == len(rules) > 80


def test_every_event_is_on_a_panel_but_those_that_other_places_tell() -> None:
    """What no panel shows, and `firedrill query` and alerts look at.

    The beginnings and comparisons of a run, what it chose to quote, and replacements that came too late.
    """
    asked = " ".join(target["expr"] for _, panel in PANELS for target in panel["targets"])
    shown = {action for chosen in re.findall(r'action=~?"([^"]+)"', asked) for action in chosen.split("|")}
    rare = {"startup_sanity", "shutdown", "reload", "fault_injected", "kill_switch", "position", "state_change"}
    rare |= {"reconcile", "reconcile_mismatch", "spec_refresh", "spec_override", "order_moot", "discovery"}
    assert set(events.ALL) - shown == rare


def test_units_come_from_the_events() -> None:
    assert unit_of("order_ack", "latency_ms") == "ms"
    assert unit_of("host", "disk_free_pct") == "percent"
    assert unit_of("rotation_evt", "spread_bps") == "suffix: bps"
    with pytest.raises(KeyError):
        unit_of("order_ack", "latency")


def test_a_row_too_wide_is_refused() -> None:
    wide = number(About("A", "a.", width=20), Asked("vector(1)"))
    with pytest.raises(ValueError, match="'A' is 28 columns wide, not 24"):
        Board("u", "t", "d", ((wide, lines(About("B", "b.", width=8), Asked("vector(1)"))),)).build()


def test_variables_stand_for_everything_where_nobody_chooses() -> None:
    (orders,) = [board for board in load(build.FOLDER) if board.uid == "mm-bot-orders"]
    assert isinstance(orders, Dashboard)
    assert orders.variables == {"host": ".*", "market": ".*", "runbooks": ""}


def test_build_repairs_a_folder_and_check_names_what_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.json").write_text("{}")
    assert build.stale(tmp_path) == sorted(["old.json", *build.rendered()])
    assert build.write(tmp_path) == sorted(["old.json", *build.rendered()])
    assert build.stale(tmp_path) == []
    assert build.write(tmp_path) == []
    (tmp_path / "mm-bot-orders.json").write_text("{}")
    monkeypatch.setattr(build, "stale", lambda folder=tmp_path: ["mm-bot-orders.json"])
    done = CliRunner().invoke(main, ["check"])
    assert (done.exit_code, done.output) == (1, "stale mm-bot-orders.json\n")
