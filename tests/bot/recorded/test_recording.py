"""Recorded runs: what is written down, what is read back, and that a replay says the same, byte for byte."""

from __future__ import annotations

import random
import signal
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from bot import events, messages
from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.contract import Contract
from bot.market.fees import schedule
from bot.market.reports import Accepted, Cancelled
from bot.market.units import Lots, Ticks
from bot.recorded import recording
from bot.recorded.recording import Damaged, Entry, Header, NoRecording, Recorder
from bot.recorded.replay import Replay
from bot.release import Build
from bot.risk import limits
from bot.runtime.event_line import EventLines
from bot.session import Params, Session
from bot.strategy import edge_locked
from bot.venues.hyperliquid.spec import spec_of
from tests.bot.builders import SECOND, SOL, params, trade
from tests.bot.process import Bot, Until, mm_bot
from tests.bot.session.edge.chance import Evening
from tests.bot.world import World

BUILD = Build("1.2.3+abcdef0", "abcdef0" * 5 + "abcde")
LIMITS = limits.Params(max_inventory={"SOL": Decimal(30)}, max_per_event=Decimal(40))
ON = events.KillSwitch(on=True, source="ctl")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.rec"


def recorder(file: Path, given: Params | None = None) -> Recorder:
    made = Recorder(file, BUILD, pytest.fail)
    made.begin(given or params())
    return made


def replayed(file: Path, build: Build = BUILD) -> tuple[list[bytes], list[str], Replay]:
    said: list[str] = []
    again = Replay(build, said.append)
    return list(again.lines(file)), said, again


def a_day(seed: int, run: str) -> World:
    """Hundreds of chances for fills, refusals, lost answers and held quotes."""
    world, luck = World(chance=random.Random(seed)), random.Random(seed)
    world.session = Session(replace(world.session.params, run=run))
    world.begin()
    for _ in range(600):
        world.act(luck.random())
    return world


def record(file: Path, world: World | Evening) -> list[bytes]:
    """The recording of a world's run, and the lines that its event log has."""
    made, lines = recorder(file, world.session.params), EventLines(world.session.params.run, BUILD.release)
    session, told = Session(world.session.params), []
    for now, message in world.heard:
        made.heard(message, now)
        told += [lines.make(e.event, now) for e in session.handle(message, now) if isinstance(e, messages.Emit)]
    made.said(ON, world.now)
    made.close()
    return [*told, lines.make(ON, world.now)]


@pytest.mark.parametrize("seed", range(6))
def test_a_run_and_the_one_after_its_restart_replay_byte_for_byte(file: Path, seed: int) -> None:
    first = record(file, a_day(seed, "00000001"))
    second = record(file, a_day(seed + 100, "00000002"))
    lines, said, again = replayed(file)
    assert lines == first + second
    assert (said, again.runs, again.damaged) == ([], 2, 0)


def test_an_evening_of_edge_locked_quoting_replays_byte_for_byte(file: Path) -> None:
    evening = Evening(random.Random(3))
    for _ in range(600):
        evening.act()
    told = record(file, evening)
    lines, said, again = replayed(file)
    assert lines == told
    assert (said, again.damaged) == ([], 0)
    assert {b"FILL", b"tp_exit", b"quote_place"} <= {line.split(b'"action":"')[1].split(b'"')[0] for line in lines}


def test_a_real_run_killed_and_started_again_replays_as_its_event_log(
    tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, file = Bot(tmp_path, until), tmp_path / "a.rec"
    try:
        bot.start_ready("--record", str(file))
        bot.wait(lambda: len(bot.resting()) == 6, "two quotes in each of three markets")
        bot.signal(signal.SIGKILL)
        bot.ended()
        bot.start_ready("--record", str(file))
        bot.ctl("quotes", "off")
        bot.wait(lambda: not bot.resting(), "no quote rests")
        assert bot.stop() == 0
    finally:
        bot.close()
    for seed in ("1", "2"):  # the order of a set is no order
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        again = mm_bot("replay", str(file))
        assert (again.returncode, again.stderr.startswith("2 runs, ")) == (0, True), again.stderr
        assert again.stdout == (tmp_path / "log" / "events.jsonl").read_text()


def test_what_a_run_was_made_of_is_read_back(file: Path) -> None:
    specs = {"A": spec_of("A", 1, 2), "B": spec_of("B", 2, 0, Decimal("0.01")), **params().specs}
    recorder(file, params(specs=specs, started=7)).close()
    (header,) = recording.read(file)
    assert header == Header(recording.FORMAT, BUILD, params(specs=specs, started=7))


def test_what_a_contract_costs_and_how_it_is_quoted_is_read_back_exactly(file: Path) -> None:
    fees = schedule("quadratic_with_maker_fees", Decimal("0.1"))
    contract = Contract("KXNHLGAME-26", "KXNHLGAME", fees, None, 9)
    given = params(specs={"SOL": replace(SOL, contract=contract)}, edge=edge_locked.Params(), limits=LIMITS)
    recorder(file, given).close()
    (header,) = recording.read(file)
    assert header == Header(recording.FORMAT, BUILD, given)


MESSAGES: list[messages.Message] = [
    messages.BookMoved(Top("SOL", None, Ticks(18_510), 5, Lots(0), Lots(7))),
    messages.Traded(trade("9", "ask", 18_510, 3)),
    messages.SendAnswered("0x1", Accepted("7")),
    messages.CancelAnswered("0x1", Cancelled()),
    messages.ConnectionLost("the socket was closed"),
    messages.SpecsRead("e_tick", {"A": spec_of("A", 1, 2)}, 5),
    messages.Turn(0.1),
    messages.NewParams(params().maker, params().limits),
    messages.NewParams(params().maker, params().limits, edge_locked.Params(size=Decimal(5))),
    messages.MarketSettled("KXNHLGAME-A"),
    messages.ResetBreaker("KXNHLGAME-A"),
    messages.Drain(),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_read_back(file: Path, message: messages.Message) -> None:
    made = recorder(file)
    made.heard(message, 12)
    made.close()
    assert list(recording.read(file))[1:] == [Entry(12, message)]


@pytest.mark.parametrize("action", events.ALL)
def test_every_event_may_be_said(action: str) -> None:
    kind = msgspec.inspect.type_info(recording.Said)
    assert isinstance(kind, msgspec.inspect.StructType)
    (event,) = (field.type for field in kind.fields)
    assert isinstance(event, msgspec.inspect.UnionType)
    assert events.ALL[action] in [one.cls for one in event.types if isinstance(one, msgspec.inspect.StructType)]


def test_half_a_line_ends_its_run_and_no_other(file: Path) -> None:
    first = record(file, a_day(1, "00000001"))
    cut = file.read_bytes()[:-5]
    file.write_bytes(cut)
    second = record(file, a_day(2, "00000002"))
    lines, said, again = replayed(file)
    assert lines == first[:-1] + second
    assert (again.damaged, len(said)) == (1, 1)
    assert f"line {cut.count(10) + 1} is damaged" in said[0]
    assert "run 00000001 is replayed up to there" in said[0]


def test_after_a_line_that_cannot_be_read_nothing_of_the_run_is_made_up(file: Path) -> None:
    told = record(file, a_day(1, "00000001"))
    lines = file.read_bytes().splitlines(keepends=True)
    lines[200] = b'[5,{"type":"Nonsense"}]\n'
    file.write_bytes(b"".join(lines))
    found, said, again = replayed(file)
    assert 0 < len(found) < len(told)
    assert found == told[: len(found)]
    assert (again.damaged, len(said)) == (1, 1)
    assert "line 201 is damaged" in said[0]


def test_a_file_that_ends_mid_line_is_replayed_up_to_there(file: Path) -> None:
    told = record(file, a_day(1, "00000001"))
    file.write_bytes(file.read_bytes()[:-9])
    found, said, again = replayed(file)
    assert (found, again.damaged) == (told[:-1], 1)
    assert "the line is cut off" in said[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no line in it begins a run"),
        (b'{"ts":1.0}\n{"ts":2.0}\n', "no line in it begins a run"),
        (b"\xff\xfe\n", "no line in it begins a run"),
        (None, "cannot be read: No such file"),
    ],
    ids=["empty", "a log", "bytes", "missing"],
)
def test_what_is_no_recording_is_said(file: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NoRecording, match=reason):
        replayed(file)


def test_a_recording_of_a_later_release_is_not_guessed_at(file: Path) -> None:
    recorder(file).close()
    file.write_bytes(file.read_bytes().replace(b'"recording":1', b'"recording":9'))
    (found,) = recording.read(file)
    assert found == Damaged(1, "a recording of format 9; this release reads 1")


def test_another_build_says_that_its_lines_may_differ(file: Path) -> None:
    told = record(file, a_day(1, "00000001"))
    lines, said, _ = replayed(file, Build("9.9.9+fffffff", "f" * 40))
    assert lines == told, "the lines still carry the build that ran"
    assert said == ["run 00000001 was recorded by 1.2.3+abcdef0, this is 9.9.9+fffffff: its lines may differ"]


def test_what_broke_the_session_breaks_it_again_and_is_said(file: Path) -> None:
    world = a_day(1, "00000001")
    last = [event for event in world.told if isinstance(event, events.QuotePlace)][-1]
    filled = messages.Traded(trade("x", last.side, 18_490, 10**9, last.cloid))
    world.heard.append((world.now, filled))
    made = recorder(file, world.session.params)
    for now, message in world.heard:
        made.heard(message, now)
    made.said(ON, world.now)
    made.close()
    lines, said, again = replayed(file)
    assert b"kill_switch" in lines[-1], "what the run said after it is told too"
    assert (again.damaged, len(said)) == (0, 1)
    assert said[0].startswith("run 00000001 ended as it did then: order 0x00000001")


def test_a_defect_names_the_line_it_broke_over(file: Path) -> None:
    made = recorder(file)
    made.heard(messages.Turn(), SECOND)
    made.heard(messages.SendAnswered("0xnobody", Accepted("7")), SECOND)
    made.close()
    with pytest.raises(KeyError) as broken:
        replayed(file)
    assert broken.value.__notes__ == [f"while the session took in line 3 of {file}"]


def test_a_full_disk_ends_the_recording_and_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    full = Recorder(Path("/dev/full"), BUILD, said.append)
    full.begin(params())
    full.heard(messages.Turn(), SECOND)
    full.close()
    assert said == ["mm-bot: the recording /dev/full ends here: No space left on device"]


def test_a_recording_does_not_grow_without_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(recording, "MOST_BYTES", 2_000)
    made = Recorder(file, BUILD, said.append)
    made.begin(params())
    for _ in range(100):
        made.heard(messages.Turn(), SECOND)
    assert file.stat().st_size <= 2_000
    assert len(said) == 1
    assert replayed(file)[2].damaged == 0


def test_a_recording_that_cannot_be_written_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"--record .*/nowhere/a.rec cannot be written: No such file or directory"):
        Recorder(tmp_path / "nowhere" / "a.rec", BUILD, pytest.fail)
