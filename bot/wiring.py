"""Which venue a connection means, and what it lists: asked before a session is made, patiently but not for ever.

A venue that is away for a while is asked again; one that lacks a market, or a limit that is under one lot there, is
CannotStart in a sentence. Knows no settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from bot.clock import NANOS, Clock
from bot.errors import CannotStart
from bot.market.spec import Spec
from bot.risk import limits
from bot.runtime.credentials import Credentials
from bot.venues import connection
from bot.venues.paper import PaperVenue
from bot.venues.venue import Venue, VenueUnreachable

T = TypeVar("T")
PATIENCE_S = 25.0
"""Under the unit's TimeoutStartSec; with it, a venue that is away never brings the unit to its start limit."""
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a venue is made with. `say` writes one line for people."""

    clock: Clock
    credentials: Credentials
    say: Callable[[str], None]


def venue_of(to: connection.Params, means: Means) -> Venue:
    """The venue, not yet open. Raises CannotStart."""
    if to.venue == "paper":
        return PaperVenue(to.state_dir / "paper-exchange.sqlite", to.paper_seed, means.clock)
    raise CannotStart(f"VENUE={to.venue}: this build has no connection to it yet; VENUE=paper runs")


def journal_of(to: connection.Params) -> Path:
    """Every account has its own: what was held on paper is not held live."""
    return to.state_dir / f"journal{'' if to.venue == 'paper' else f'-{connection.name(to)}'}.sqlite"


async def patiently(ask: Callable[[], Awaitable[T]], means: Means) -> T:
    """What `ask` answers, asked again while the venue is away. Raises CannotStart after PATIENCE_S."""
    until, said = means.clock.steady() + PATIENCE_S * NANOS, False
    while True:
        try:
            return await ask()
        except VenueUnreachable as error:
            if means.clock.steady() >= until:
                raise CannotStart(f"the venue does not answer: {error}") from error
            if not said:
                means.say(f"mm-bot: the venue does not answer, asking again for {PATIENCE_S:g} s: {error}")
            said = True
            await asyncio.sleep(AGAIN_S)


def check_listed(specs: Mapping[str, Spec], markets: Sequence[str], held: limits.Params) -> None:
    """Raises CannotStart with everything that is wrong with the markets to quote."""
    wrong = [_unlisted(market, specs) for market in markets if market not in specs]
    listed = [specs[market] for market in limits.traded(markets, held) if market in specs]
    small = [spec for spec in listed if limits.cap(spec, held) < 1]
    wrong += [f"MAX_INVENTORY_PER_MARKET: under one lot of {spec.market} ({spec.lot})" for spec in small]
    if wrong:
        raise CannotStart("; ".join(wrong))


def _unlisted(market: str, specs: Mapping[str, Spec]) -> str:
    near = [name for name in specs if name.lower() == market.lower()] or get_close_matches(market, specs, n=3)
    return f"MARKETS: the venue lists no {market}" + (f", did you mean {' or '.join(near)}?" if near else "")
