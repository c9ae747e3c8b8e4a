"""Creates and cancels on the wire, one or a batch: what was said of each, in order. Never raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from bot.market.reports import Cure, NoAnswer, Rejected
from bot.venues.kalshi import orders as words
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.errors import Refusal
from bot.venues.transport import NoReply, NotTaken

BATCHED = f"{words.PATH}/batched"
ONE = f"{words.PATH}/{{order_id}}"
STATUS = {"order_already_exists": 409, "not_found": 404}
"""Parts of a batch have the codes of refusals without their HTTP status."""
Said = words.Created | words.Cancelled | Refusal | Rejected | NoAnswer
T = TypeVar("T")


class Wire:
    """Through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def batch(self) -> int:
        """How many orders fit into one request."""
        return self._client.tokens.batch(self._cost("POST", BATCHED))

    def orders(self, wanted: int) -> int:
        """How many of so many new orders the tokens allow now."""
        return self._client.tokens.orders(self._cost("POST", words.PATH), wanted)

    async def create(self, wishes: Sequence[words.Create]) -> list[Said]:
        if len(wishes) < 2:
            cost = self._cost("POST", words.PATH)
            return [await self._act(words.Created, "POST", words.PATH, wish, cost) for wish in wishes]
        cost = self._cost("POST", BATCHED) * len(wishes)
        said = await self._act(words.BatchCreated, "POST", BATCHED, words.BatchCreate(list(wishes)), cost)
        if not isinstance(said, words.BatchCreated):
            return [said] * len(wishes)
        if len(said.orders) != len(wishes):
            return [NoAnswer(f"{len(said.orders)} results came for {len(wishes)} orders")] * len(wishes)
        return [_created(one) for one in said.orders]

    async def cancel(self, known: Sequence[tuple[str, str]]) -> list[Said]:
        """Each by number and ticker; asked once more where no answer came, as a cancel may be repeated."""
        said = await self._cancel(known)
        return await self._cancel(known) if said and isinstance(said[0], NoAnswer) else said

    async def _cancel(self, known: Sequence[tuple[str, str]]) -> list[Said]:
        if len(known) < 2:
            cost = self._cost("DELETE", ONE)
            return [await self._act(words.Cancelled, "DELETE", f"{words.PATH}/{oid}", None, cost) for oid, _ in known]
        cost = self._cost("DELETE", BATCHED) * len(known)
        wishes = words.BatchCancel([words.BatchCancelOne(oid, market_ticker=ticker) for oid, ticker in known])
        said = await self._act(words.BatchCancelled, "DELETE", BATCHED, wishes, cost)
        if not isinstance(said, words.BatchCancelled):
            return [said] * len(known)
        if len(said.orders) != len(known):
            return [NoAnswer(f"{len(said.orders)} results came for {len(known)} orders")] * len(known)
        return [_cancelled(one) for one in said.orders]

    def _cost(self, method: str, path: str) -> int:
        return self._client.tokens.cost(method, path)

    async def _act(
        self, kind: type[T], method: str, path: str, body: object, cost: int
    ) -> T | Refusal | Rejected | NoAnswer:
        try:
            return await self._client.act(kind, method, path, body, cost)
        except NotTaken as error:
            return Rejected("E_BUDGET", str(error), Cure.WAIT)
        except NoReply as error:
            return NoAnswer(str(error))


def _created(one: words.BatchCreatedOne) -> Said:
    if one.error is not None:
        return _refused(one.error)
    if not (isinstance(one.order_id, str) and isinstance(one.fill_count, str) and isinstance(one.remaining_count, str)):
        return NoAnswer("a part of the answer has neither an order nor an error")
    at = one.ts_ms if isinstance(one.ts_ms, int) else 0
    return words.Created(one.order_id, one.fill_count, one.remaining_count, at, one.client_order_id)


def _cancelled(one: words.BatchCancelledOne) -> Said:
    if one.error is not None:
        return _refused(one.error)
    return words.Cancelled(one.order_id, one.reduced_by, one.ts_ms if isinstance(one.ts_ms, int) else 0)


def _refused(problem: words.Problem) -> Refusal:
    details = problem.details if isinstance(problem.details, str) else ""
    return Refusal(STATUS.get(problem.code, 400), problem.code, problem.message, details)
