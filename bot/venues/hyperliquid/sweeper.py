"""Takes every order with a client order id off an account: all that a bot may have left, nothing that a human sent.

It signs with an agent key of its own, so that it can work while a bot that hangs still holds the other.
"""

from __future__ import annotations

from bot.clock import Clock
from bot.venues.hyperliquid import preflight
from bot.venues.hyperliquid.actions import Cancel, CancelWire
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.client import Questions, Signer
from bot.venues.hyperliquid.signing import Agent, Network
from bot.venues.hyperliquid.transport import Transport
from bot.venues.transport import NoReply, NotTaken
from bot.venues.venue import VenueUnreachable

MOST_CANCELS = 100


class Sweeper:
    """One account, by its address."""

    def __init__(self, transport: Transport, key: str, account: str, clock: Clock, network: Network) -> None:
        budget = Budget(clock.steady)
        self._questions = Questions(transport, budget, account)
        self._signer = Signer(transport, budget, Agent(key), network, clock)
        self._assets: dict[str, int] = {}

    async def check(self) -> None:
        """Raises CannotStart when the key may not sign for the account, and VenueUnreachable."""
        await preflight.key(self._questions, self._signer.address)

    async def sweep(self) -> int:
        """Ask for all orders and cancel them; how many there were. Ask again: an answer to a cancel is no proof.

        Raises VenueUnreachable.
        """
        orders = [order for order in await self._questions.open_orders() if order.cloid is not None]
        if any(order.coin not in self._assets for order in orders):  # a market may have been listed since
            self._assets = {one.name: asset for asset, one in enumerate((await self._questions.meta()).universe)}
        wire = [CancelWire(self._assets[order.coin], order.oid) for order in orders if order.coin in self._assets]
        for start in range(0, len(wire), MOST_CANCELS):
            await self._cancel(wire[start : start + MOST_CANCELS])
        return len(wire)

    async def _cancel(self, batch: list[CancelWire]) -> None:
        try:
            reply = await self._signer.act(Cancel(batch))
        except (NoReply, NotTaken) as error:
            raise VenueUnreachable(f"cancel: {error}") from error
        if isinstance(reply.response, str):
            raise VenueUnreachable(f"cancel: the venue refused: {reply.response}")
