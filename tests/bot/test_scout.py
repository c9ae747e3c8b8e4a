"""What a scout makes of a listing and of the journal: the run's markets, what is listed beside them, when to end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.market.candidate import Candidate
from bot.market.position import Holding
from bot.market.units import Lots
from bot.runtime.journal import Journal, Position
from bot.scout import Scout
from bot.venues.venue import VenueUnreachable
from tests.bot.fakes import FakeClock
from tests.bot.selection.test_discovery import NOW, PARAMS, candidate


@dataclass
class Listing:
    """A catalogue of these; markets that are not open are told of only where they are asked for."""

    found: list[Candidate]
    shut: list[Candidate] = field(default_factory=list)
    asked: list[tuple[list[str], list[str]]] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    away: bool = False
    holding: set[str] = field(default_factory=set)

    async def held(self) -> set[str]:
        return self.holding

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        if self.away:
            raise VenueUnreachable("no route")
        self.asked.append(([*series], [*also]))
        return [*self.found, *(one for one in self.shut if one.market in also)]

    def narrow(self, markets: Sequence[str]) -> None:
        self.narrowed = [*markets]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    subject = Journal(tmp_path / "journal.sqlite")
    yield subject
    subject.close()


def scout(listing: Listing, said: list[str] | None = None) -> Scout:
    return Scout(listing, PARAMS, 300, FakeClock(NOW), ([] if said is None else said).append)


def begun(subject: Scout, journal: Journal) -> tuple[str, ...]:
    return asyncio.run(subject.begin(journal))


def again(subject: Scout, running: Sequence[str], **lots: int) -> str:
    held = {market: Holding(Lots(count)) for market, count in lots.items()}
    return asyncio.run(subject.again(running, held))


def test_the_best_are_chosen_and_listed(journal: Journal) -> None:
    listing = Listing([candidate("A"), candidate("B", bid=48, ask=50), candidate("C", bid=48, ask=49)])
    assert begun(scout(listing), journal) == ("C", "B")
    assert (listing.asked, listing.narrowed) == ([(["NHL", "NFL"], [])], ["C", "B"])


def test_what_the_journal_holds_comes_first(journal: Journal) -> None:
    journal.keep_position(Position("SHUT", "-3", "-1.5", "0.5"))
    journal.keep_position(Position("FLAT", "0.00", "0", None))
    listing = Listing([candidate("A"), candidate("B")], shut=[candidate("SHUT", trades=False, starts=0)])
    assert begun(scout(listing), journal) == ("SHUT", "A")
    assert listing.asked[0][1] == ["SHUT"]


def test_what_settled_or_is_gone_is_listed_so_that_it_can_be_settled_here(journal: Journal) -> None:
    journal.keep_position(Position("PAID", "3", "1.5", "0.5"))
    listing = Listing([candidate("A")], shut=[candidate("PAID", settled=True)])
    subject = scout(listing)
    assert begun(subject, journal) == ("A",)
    assert (listing.narrowed, subject.paid) == (["A", "PAID"], ("PAID",))


def test_markets_of_a_run_that_was_killed_are_listed_until_one_ends_in_order(journal: Journal) -> None:
    listing = Listing([candidate("A"), candidate("B")])
    assert begun(scout(listing), journal) == ("A", "B")
    listing.found = [candidate("C")]
    assert begun(scout(listing), journal) == ("C",)
    assert listing.narrowed == ["C", "A", "B"]
    journal.ended()
    assert begun(scout(listing), journal) == ("C",)
    assert listing.narrowed == ["C"]


def test_what_a_killed_run_traded_at_the_last_is_held_and_what_is_held_elsewhere_is_not_ours(journal: Journal) -> None:
    shut = [candidate("C", starts=0), candidate("D", starts=0)]
    listing = Listing([candidate("A"), candidate("B")], shut, holding={"B", "C"})
    journal.quotes(["C", "D"])
    assert begun(scout(listing), journal) == ("C", "A")


def test_a_choice_is_told_with_its_numbers(journal: Journal) -> None:
    subject = scout(Listing([candidate("A", "game"), candidate("B", bid=None), candidate("C", "game")]))
    begun(subject, journal)
    told = {one.market: one for one in subject.news()}
    assert [one.decision for one in told.values()] == ["chosen", "out", "out"]
    chosen = told["A"]
    assert (chosen.event, chosen.bid, chosen.ask, chosen.spread) == ("game", 0.54, 0.56, 0.02)
    assert (chosen.depth, chosen.to_gate, chosen.starts_in_s) == (40.0, 0.06, 3600.0)
    assert told["C"].reason == "A is taken of the same event"
    assert (told["B"].bid, told["B"].spread, told["B"].to_gate) == (None, None, None)


def test_nothing_to_quote_is_said_in_a_sentence(journal: Journal) -> None:
    subject = scout(Listing([candidate("A", starts=0), candidate("B", bid=None)]))
    assert begun(subject, journal) == ()
    assert subject.idle() == "none of 2 markets can be entered now, looking again every 5 min"


def test_a_run_ends_for_another_market_only_where_it_is_flat(journal: Journal) -> None:
    listing = Listing([candidate("A")])
    subject = scout(listing)
    running = begun(subject, journal)
    assert again(subject, running, A=0) == ""
    listing.found, listing.shut = [candidate("B")], [candidate("A", starts=0, trades=False)]
    assert again(subject, running, A=100) == ""
    assert again(subject, running, A=0) == "A can be entered no more, B can"
    assert listing.asked[-1][1] == ["A"]


def test_a_position_that_nobody_sees_to_ends_the_run(journal: Journal) -> None:
    subject = scout(Listing([candidate("A"), candidate("B")]))
    assert again(subject, ("A",), A=0, B=-100) == "B is held and nobody sees to it"


def test_other_limits_count_from_the_next_look_on(journal: Journal) -> None:
    subject = scout(Listing([candidate("A"), candidate("B")]))
    subject.params = replace(PARAMS, max_markets=1)
    assert begun(subject, journal) == ("A",)
    assert again(subject, ("A",)) == ""
    subject.params = PARAMS
    assert again(subject, ("A",)) == "there is room for B"


def test_a_venue_that_is_away_ends_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    said = list[str]()
    listing = Listing([candidate("A")], away=True)
    assert again(scout(listing, said), ()) == ""
    assert said == ["mm-bot: no look at other markets now, again in 5 min: no route"]
    monkeypatch.setattr("bot.patience.PATIENCE_S", 0.0)
    with pytest.raises(CannotStart, match="the venue does not answer: no route"):
        begun(scout(listing), journal)
