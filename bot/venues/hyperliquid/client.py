"""Questions and signed actions over one transport, as structs of the codec. Counts what each costs; judges nothing.

A question that got no answer may be asked again (VenueUnreachable). An action is sent once: it was answered, it was
certainly not taken (NotTaken), or nobody knows (NoReply).
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from bot.clock import Clock
from bot.venues.hyperliquid import budget, codec
from bot.venues.hyperliquid.actions import Action, Envelope, requests
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.nonces import Nonces
from bot.venues.hyperliquid.signing import Agent, Network
from bot.venues.hyperliquid.transport import Transport
from bot.venues.transport import NoReply, NotTaken, Unreachable
from bot.venues.venue import VenueUnreachable

TOO_MANY, PAGE = 429, 2_000
NO_TIME = 408
Answered = TypeVar("Answered")


class Questions:
    """What /info says of everybody, and of the account at `user` (an agent's address gets empty answers)."""

    def __init__(self, transport: Transport, spent: Budget, user: str = "") -> None:
        self.user = user.lower()
        self._transport, self._budget = transport, spent

    async def meta(self) -> codec.Meta:
        return await self._ask(codec.Meta, "meta")

    async def status(self) -> codec.ExchangeStatus:
        return await self._ask(codec.ExchangeStatus, "exchangeStatus")

    async def role(self, address: str) -> codec.Role:
        return await self._ask(codec.Role, "userRole", user=address)

    async def rate_limit(self) -> codec.RateLimit:
        return await self._ask(codec.RateLimit, "userRateLimit", user=self.user)

    async def fees(self) -> codec.Fees:
        return await self._ask(codec.Fees, "userFees", user=self.user)

    async def state(self) -> codec.ClearinghouseState:
        return await self._ask(codec.ClearinghouseState, "clearinghouseState", user=self.user)

    async def open_orders(self) -> list[codec.OpenOrder]:
        return await self._ask(list[codec.OpenOrder], "openOrders", user=self.user)

    async def order_status(self, cloid: str) -> codec.OrderStatus:
        return await self._ask(codec.OrderStatus, "orderStatus", user=self.user, oid=cloid)

    async def fills(self, since: int) -> list[codec.Fill]:
        """All of the account at or after `since` (ms) that the venue still has, oldest first."""
        found: dict[tuple[int, int], codec.Fill] = {}
        while True:
            page = await self._ask(list[codec.Fill], "userFillsByTime", user=self.user, startTime=since)
            self._budget.spend(budget.weight_of_answer("userFillsByTime", len(page)))
            fresh = {(fill.tid, fill.oid): fill for fill in page if (fill.tid, fill.oid) not in found}
            found |= fresh
            if len(page) < PAGE or not fresh:
                return sorted(found.values(), key=lambda fill: (fill.time, fill.tid))
            since = max(fill.time for fill in page)

    async def _ask(self, kind: type[Answered], name: str, **named: object) -> Answered:
        if not self._budget.may_ask(name):
            raise VenueUnreachable(f"{name}: not asked, the rest of this minute's weight is kept for cancels")
        self._budget.spend(budget.weight_of_question(name))
        try:
            answer = await self._transport.post("/info", msgspec.json.encode({"type": name, **named}))
        except Unreachable as error:
            raise VenueUnreachable(f"{name}: {error}") from error
        if answer.status == TOO_MANY:
            self._budget.refused()
        if answer.status != 200:
            raise VenueUnreachable(f"{name}: HTTP {answer.status}")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.DecodeError as error:
            raise VenueUnreachable(f"{name}: the answer cannot be read ({error})") from error


class Signer:
    """Actions signed by one agent key. No other process may use this key: nonces are counted here."""

    def __init__(self, transport: Transport, spent: Budget, agent: Agent, network: Network, clock: Clock) -> None:
        self.address = agent.address
        self._transport, self._budget = transport, spent
        self._agent, self._network, self._nonces = agent, network, Nonces(clock)

    async def act(self, action: Action, expires: int | None = None) -> codec.Reply:
        """Send an action once; the venue takes it until `expires` (ms). Raises NotTaken or NoReply."""
        nonce = self._nonces.next()
        signature = self._agent.sign(action, nonce, self._network, expires_after=expires)
        envelope = Envelope(action, nonce, signature, expiresAfter=expires)
        count = requests(action)
        self._budget.spend(budget.weight_of_action(count), count)
        try:
            answer = await self._transport.post("/exchange", msgspec.json.encode(envelope))
        except Unreachable as error:
            raise NoReply(str(error)) from error
        if answer.status == TOO_MANY:
            self._budget.refused()
            raise NotTaken("HTTP 429: too many requests from this address")
        return _reply(answer.status, answer.body)


def _reply(status: int, body: bytes) -> codec.Reply:
    """An action that could not be read was refused as a whole, like one that the venue refuses in words."""
    if 400 <= status < 500 and status != NO_TIME:
        return codec.Reply("err", f"HTTP {status}: {body[:200].decode(errors='replace')}")
    if status != 200:
        raise NoReply(f"HTTP {status}")
    try:
        return msgspec.json.decode(body, type=codec.Reply)
    except msgspec.DecodeError as error:
        raise NoReply(f"the reply cannot be read ({error})") from error
