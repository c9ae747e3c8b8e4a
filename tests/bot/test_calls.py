"""How what one message led to goes out, and what becomes of calls that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from bot import calls, messages
from bot.calls import Call, Calls, Ends
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRequest,
    CancelResult,
    NewOrder,
    NoAnswer,
    Replaced,
    Replacement,
    SendResult,
)
from bot.market.spec import Spec
from bot.messages import Message
from bot.venues.venue import VenueUnreachable
from tests.bot.builders import SPECS, account, order
from tests.bot.fakes import FakeVenue
from tests.bot.virtual_time import VirtualClock, in_virtual_time


class Batched(FakeVenue):
    """Notes each call with the ids in it; `deaf` never answers, `away` answers no question."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[tuple[str, ...]] = []
        self.deaf = False
        self.away = 0

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        self.called.append(("place", *(order.cloid for order in orders)))
        await self._answer()
        return await super().place(orders)

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        self.called.append(("cancel", *(order.cloid for order in orders)))
        await self._answer()
        return await super().cancel(orders)

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        self.called.append(("replace", *(f"{change.old}>{change.order.cloid}" for change in changes)))
        await self._answer()
        return await super().replace(changes)

    async def read_specs(self) -> Mapping[str, Spec]:
        self._question()
        return dict(SPECS)

    async def read(self, reason: str) -> messages.AccountRead:
        self._question()
        return messages.AccountRead(reason, [], [], account())

    async def hold_entries(self, off: bool) -> None:
        self._question()
        await super().hold_entries(off)

    async def _answer(self) -> None:
        if self.deaf:
            await asyncio.Event().wait()

    def _question(self) -> None:
        if self.away:
            self.away -= 1
            raise VenueUnreachable("no route")


@dataclass
class Desk:
    """`heard` are the answers, in order of arrival."""

    venue: Batched = field(default_factory=Batched)
    heard: list[Message | BaseException] = field(default_factory=list)

    def after(self, *asked: Call) -> list[Message | BaseException]:
        """What is heard within a minute."""

        async def minute(clock: VirtualClock) -> None:
            subject = Calls(Ends(self.venue, clock, self.venue.read, self.heard.append))
            for call in asked:
                subject.add(call)
            subject.start()
            await asyncio.sleep(60)
            await subject.close()

        in_virtual_time(minute)
        return self.heard


SENDS = [messages.Send(order("bid", 1, 1, "0xa")), messages.Send(order("ask", 9, 1, "0xb"))]
CANCELS = [messages.CancelOrder("SOL", "0xc"), messages.CancelOrder("SOL", "0xd")]
CHANGES = [messages.Replace("0xe", order("bid", 2, 1, "0xf"))]


def test_each_kind_goes_out_as_one_batch_and_cancels_first() -> None:
    desk = Desk()
    heard = desk.after(*SENDS, *CHANGES, *CANCELS)
    assert desk.venue.called == [("cancel", "0xc", "0xd"), ("replace", "0xe>0xf"), ("place", "0xa", "0xb")]
    assert heard == [
        messages.CancelAnswered("0xc", Cancelled()),
        messages.CancelAnswered("0xd", Cancelled()),
        messages.ReplaceAnswered("0xe", "0xf", Replaced(Cancelled(), Accepted("1"))),
        messages.SendAnswered("0xa", Accepted("1")),
        messages.SendAnswered("0xb", Accepted("1")),
    ]


def test_a_batch_without_an_answer_in_time_is_unknown_as_a_whole() -> None:
    desk = Desk()
    desk.venue.deaf = True
    nothing = NoAnswer(f"no answer within {calls.ANSWER_WITHIN_S:g} s")
    assert desk.after(*SENDS, *CHANGES) == [
        messages.ReplaceAnswered("0xe", "0xf", Replaced(nothing, nothing)),
        messages.SendAnswered("0xa", nothing),
        messages.SendAnswered("0xb", nothing),
    ]


@pytest.mark.parametrize("away", [0, 3])
def test_the_account_is_asked_for_until_the_venue_says_it(away: int) -> None:
    desk = Desk()
    desk.venue.away = away
    assert desk.after(messages.ReadAccount("doubt")) == [messages.AccountRead("doubt", [], [], account())]


def test_rules_are_asked_for_once_and_their_lack_is_an_answer() -> None:
    desk = Desk()
    assert desk.after(messages.ReadSpecs("ttl")) == [messages.SpecsRead("ttl", dict(SPECS), 0)]
    desk.venue.away = 1
    assert desk.after(messages.ReadSpecs("e_tick"))[-1] == messages.SpecsRead("e_tick", None, 0)


@pytest.mark.parametrize("away", [0, 5])
def test_the_venue_is_told_to_hold_entries_until_it_does_and_only_what_is_wanted_last(away: int) -> None:
    desk = Desk()
    desk.venue.away = away
    assert desk.after(messages.HoldEntries(False), messages.HoldEntries(True)) == []
    assert desk.venue.entries_off == [True]


def test_what_is_wanted_while_the_venue_is_being_told_comes_after_that() -> None:
    venue = Batched()

    async def test(clock: VirtualClock) -> None:
        subject = Calls(Ends(venue, clock, venue.read, lambda heard: None))
        for off in (True, False):
            venue.away = 1
            subject.add(messages.HoldEntries(off))
            subject.start()
            await asyncio.sleep(0.2)
        await asyncio.sleep(5)
        subject.add(messages.HoldEntries(False))
        subject.start()
        await asyncio.sleep(5)
        await subject.close()

    in_virtual_time(test)
    assert venue.entries_off == [False, False]


def test_a_call_that_breaks_is_handed_back() -> None:
    desk = Desk()

    async def breaks(new: NewOrder) -> SendResult:
        raise ZeroDivisionError("a defect")

    desk.venue.on_place = breaks
    (heard,) = desk.after(*SENDS)
    assert isinstance(heard, ZeroDivisionError)
