"""`firedrill golive`: GO on good days, and on days with a fault NO-GO by the criteria that see it, on both backends."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from bot import events
from firedrill.golive.command import command
from firedrill.golive.criterion import Criterion
from firedrill.golive.judge import Finding, judge
from firedrill.golive.phases import PHASES
from firedrill.logql import syntax as s
from firedrill.logql.parse import parse
from firedrill.report.ask import ask
from firedrill.report.figures import figures
from firedrill.report.questions import questions
from firedrill.report.success import METRICS
from firedrill.rules import lint
from firedrill.store.cookbook import QUERIES
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from firedrill.store.store import Store
from tests.alerts.faults import FAULTS, GAME
from tests.day import SECOND, Day, Fault
from tests.firedrill.golive.days import good, with_fault
from tests.firedrill.report.logs import push, reject
from tests.real_loki import RealLoki

REPOSITORY = Path(__file__).resolve().parents[3]
SHORT = ("paper", "shadow", "live-1")


def _changed(kind: type[events.Event], **fields: object) -> Fault:
    return Fault(
        "", changes=lambda event: msgspec.structs.replace(event, **fields) if isinstance(event, kind) else event
    )


def _silent(*kinds: type[events.Event]) -> Fault:
    return Fault("", changes=lambda event: None if isinstance(event, kinds) else event)


JUMP = events.StateChange(market=GAME, state="SKEW_SHORT", previous="SKEW_LONG", position=-1.0)
CALM_TRIP = events.CbSoft(market=GAME, cancels_30=4, errors_30=0, limit=3, pause_s=30.0, reason="cancels")
FAULTY = {
    **FAULTS,
    "other_mode": _changed(events.Startup, mode="live"),
    "paper_again": _changed(events.Startup, mode="paper"),
    "no_start": _silent(events.Startup, events.StartupSanity, events.FeedConnect),
    "small_offset": _changed(events.StartupSanity, tp_offset_c=6.0),
    "never_switched": _silent(events.KillSwitch),
    "never_quoted": _silent(events.QuotePlace, events.ShadowQuote),
    "refused_order": Fault("", adds=((0.0, reject(GAME, "E_MARGIN")),)),
    "post_only_refusal": Fault("", adds=((0.0, reject(GAME, "E_POST_ONLY")),)),
    "busy": _changed(events.ShadowQuote, cancels_30=10),
    "jump": Fault("", adds=((0.0, JUMP),)),
    "calm_trip": Fault("", adds=((0.0, CALM_TRIP),)),
    "four_markets": _changed(events.StartupSanity, max_markets=4),
    "only_perps": Fault("", changes=lambda event: None if getattr(event, "strategy", None) == "edge_locked" else event),
}
MISSED: dict[tuple[str, str], set[str]] = {
    ("paper", "other_mode"): {"mode"},
    ("paper", "no_start"): {"mode", "connected", "tp_offset"},
    ("paper", "small_offset"): {"tp_offset"},
    ("paper", "never_switched"): {"kill_switch_tested"},
    ("paper", "never_quoted"): {"quoted", "tp_locked", "no_skew_leak"},
    ("paper", "refused_order"): {"errors"},
    ("paper", "post_only_refusal"): set(),
    ("paper", "etick_error"): {"errors"},
    ("paper", "internal_errors"): {"errors"},
    ("paper", "malformed_log_lines"): {"telemetry_valid"},
    ("paper", "log_lines_lost"): {"telemetry_whole", "quoted", "tp_locked", "no_skew_leak"},
    ("paper", "tp_drift"): {"tp_locked"},
    ("paper", "skew_leak"): {"no_skew_leak"},
    ("paper", "only_perps"): set(),
    ("paper", "circuit_breaker_soft"): set(),
    ("shadow", "paper_again"): {"mode"},
    ("shadow", "shadow_would_cross"): {"never_crosses"},
    ("shadow", "busy"): {"cancel_rate"},
    ("shadow", "never_quoted"): {"never_crosses", "cancel_rate", "no_skew_leak"},
    ("shadow", "circuit_breaker_soft"): {"breaker"},
    ("shadow", "malformed_log_lines"): {"telemetry_valid"},
    ("shadow", "internal_errors"): {"errors"},
    ("live-1", "paper_again"): {"mode"},
    ("live-1", "four_markets"): {"one_market"},
    ("live-1", "price_gate_breach"): {"entries_in_zone"},
    ("live-1", "tp_drift"): {"tp_locked"},
    ("live-1", "jump"): {"transitions"},
    ("live-1", "skew_leak"): {"no_skew_leak"},
    ("live-1", "calm_trip"): {"no_false_trip"},
    ("live-1", "circuit_breaker_hard"): set(),
    ("live-1", "reconcile_mismatch"): {"defects"},
    ("live-1", "retry_guard_exhausted"): {"defects"},
    ("live-1", "only_perps"): set(),
}
"""Which criteria a fault makes a phase miss, and which not."""


def end(day: Day) -> int:
    return (day.start + day.seconds) * SECOND


def found(phase: str, store: Store, day: Day) -> list[Finding]:
    return judge(store, PHASES[phase], PHASES[phase].since, end(day))


def files(day: Day, folder: Path) -> Store:
    return Embedded((str(day.write(folder)),), {"job": "bot", "host": "desk-1"})


def pushed(day: Day, loki: RealLoki, tenant: str) -> Store:
    push(loki, tenant, day.lines())
    return Loki(loki.url, tenant)


def missed(findings: list[Finding]) -> set[str]:
    return {finding.criterion.name for finding in findings if not finding.passed}


@pytest.mark.parametrize("phase", PHASES)
def test_a_good_day_is_go(phase: str, tmp_path: Path) -> None:
    findings = found(phase, files(good(phase), tmp_path), good(phase))
    assert {finding.criterion.name: finding.verdict for finding in findings if finding.verdict != "GO"} == {}


@pytest.mark.parametrize(("phase", "fault"), MISSED)
def test_a_fault_is_no_go_by_the_criteria_that_see_it(phase: str, fault: str, tmp_path: Path) -> None:
    day = with_fault(phase, FAULTY[fault])
    assert missed(found(phase, files(day, tmp_path), day)) == MISSED[phase, fault]


@pytest.mark.parametrize(("phase", "fault"), [*((phase, None) for phase in SHORT), *MISSED])
def test_loki_finds_what_the_files_find(phase: str, fault: str | None, tmp_path: Path, real_loki: RealLoki) -> None:
    day = with_fault(phase, FAULTY[fault]) if fault else good(phase)
    theirs = found(phase, pushed(day, real_loki, f"golive-{tmp_path.name}"), day)
    assert theirs == found(phase, files(day, tmp_path), day)


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scale")
    good("scale").write(folder)
    return folder


def _fills(count: int) -> Fault:
    (said,) = (said for _, said in FAULTS["price_gate_breach"].adds)
    return Fault("", adds=tuple((n / 100, said) for n in range(count)))


def _exits(count: int, age_s: float, kind: type[events.Event] = events.HardCapExit) -> Fault:
    exit_ = kind(market=GAME, state="SKEW_LONG", side="ask", price=0.4, size=1.0, vwap=0.48, age_s=age_s)
    return Fault("", adds=tuple((n / 100, exit_) for n in range(count)))


SCALED = {
    "three trips": (Fault("", adds=tuple((n, CALM_TRIP) for n in range(3))), {"cb_activations"}),
    "two trips": (Fault("", adds=tuple((n, CALM_TRIP) for n in range(2))), set()),
    "late exits": (_exits(60, 3600.0), {"avg_hold_time_min", "exits_in_sweet_spot"}),
    "late exits in the sweet spot": (_exits(60, 3600.0, events.SweetSpotExit), {"avg_hold_time_min"}),
    "one in ten entries inside": (_fills(22), {"fills_in_zone"}),
    "one entry inside": (_fills(1), set()),
    "a mismatch": (FAULTS["reconcile_mismatch"], {"defects"}),
    "a started paper bot": (FAULTS["bot_crash_loop"], {"mode"}),
}


@pytest.mark.parametrize("name", SCALED)
def test_the_green_light_numbers_after_a_day(name: str, scaled: Path, tmp_path: Path) -> None:
    fault, expected = SCALED[name]
    day = good("scale")
    lines = Day(seed=8, start=day.start + 80_000, seconds=10, fault=_alone(fault)).lines()
    (tmp_path / "extra.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    store = Embedded((f"{scaled}/*.jsonl", f"{tmp_path}/*.jsonl"), {"job": "bot", "host": "desk-1"})
    assert missed(found("scale", store, day)) == expected


def _alone(fault: Fault) -> Fault:
    """What the fault adds and nothing else, in ten seconds."""
    added = [said for _, said in fault.adds]
    adds = tuple((offset / 10, said) for offset, said in fault.adds)
    return replace(
        fault, adds=adds, lasts=10, changes=lambda event: event if any(event is one for one in added) else None
    )


def golive(phase: str, folder: Path, *options: str) -> Result:
    day = good(phase)
    at = ("--at", str(day.start + day.seconds))
    return CliRunner().invoke(command, ["--phase", phase, "--files", f"{folder}/*.jsonl", *at, *options])


def test_go_says_what_it_allows_and_exits_0(tmp_path: Path) -> None:
    good("paper").write(tmp_path)
    result = golive("paper", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("paper: GO\n")
    assert result.stdout.endswith("Nothing stands in the way of shadow mode, or live trading in one market.\n")
    assert "query" not in result.stdout
    assert "query" in golive("paper", tmp_path, "--queries").stdout


def test_no_go_says_what_to_do_with_a_query_that_can_be_asked_and_exits_1(tmp_path: Path) -> None:
    with_fault("paper", FAULTY["never_switched"]).write(tmp_path)
    result = golive("paper", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.startswith("paper: NO-GO\n")
    assert "do     `mm-bot ctl quotes off`" in result.stdout
    (query,) = (line.split("query  ")[1] for line in result.stdout.splitlines() if "query  " in line)
    parse(query)
    assert "1 of 11 criteria stand in the way" in result.stdout


def test_logs_that_lack_everything_are_no_go_with_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("")
    result = golive("scale", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.count("why    ") == len(PHASES["scale"].criteria) - result.stdout.count("not needed")


@pytest.mark.parametrize("options", [["--files", "/nowhere/*"], ["--loki", "http://127.0.0.1:1"], ["--since", "soon"]])
def test_logs_that_cannot_be_asked_exit_2(options: list[str]) -> None:
    assert CliRunner().invoke(command, ["--phase", "paper", *options]).exit_code == 2


def test_json_tells_each_criterion_with_its_query(tmp_path: Path) -> None:
    with_fault("live-1", FAULTY["tp_drift"]).write(tmp_path)
    said = json.loads(golive("live-1", tmp_path, "--json").stdout)
    assert said["go"] is False
    (drift,) = [row for row in said["criteria"] if row["verdict"] != "GO"]
    assert (drift["name"], drift["verdict"], drift["found"], drift["of"]) == (
        "tp_locked",
        "NO-GO",
        0.02,
        {"market": GAME},
    )
    assert drift["do"]
    assert parse(drift["query"])


@pytest.mark.parametrize("criterion", [c for phase in PHASES.values() for c in phase.criteria], ids=lambda c: c.name)
def test_every_criterion_asks_for_what_the_bot_logs_and_names_what_exists(criterion: Criterion) -> None:
    query = parse(criterion.ask("24h"))
    if criterion.name != "telemetry_valid":
        assert [found for part in s.log_queries(query) for found in lint._unknown_in_query(part)] == []
    assert list(lint._blind_spots(query)) == []
    for path in re.findall(r"alerts/\S+?\.md", criterion.remedy):
        assert (REPOSITORY / path).is_file(), path
    for name in re.findall(r"`firedrill query ([a-z-]+)`", criterion.remedy):
        assert name in QUERIES


def test_the_green_light_numbers_are_the_reports(scaled: Path) -> None:
    """Both read the same log; a GO must not rest on other numbers than the report shows."""
    day = good("scale")
    store = Embedded((f"{scaled}/*.jsonl",), {"job": "bot"})
    report = figures(ask(store, questions("48h"), end(day)))
    golive = {finding.criterion.name: finding.value for finding in found("scale", store, day)}
    for metric in METRICS:
        value = golive[metric.name]
        assert value is not None
        assert metric.value(report) == pytest.approx(value, abs=0.005)
