"""Which venue a connection means, which files belong to it, and whether it lists what is to be quoted.

What stands in the way is CannotStart in a sentence. Knows no settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bot.clock import Clock
from bot.errors import CannotStart
from bot.market.spec import Spec
from bot.risk import limits
from bot.runtime.credentials import Credentials
from bot.venues import connection
from bot.venues.catalogue import Catalogue
from bot.venues.hyperliquid.prices import HyperliquidPrices
from bot.venues.hyperliquid.signing import network_of
from bot.venues.hyperliquid.venue import HyperliquidVenue
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.kalshi.signing import BadKey, Key
from bot.venues.kalshi.transport import ANSWER_S, HEARTBEAT_S
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.market_data import MarketData
from bot.venues.network import Network
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.paper import PaperVenue
from bot.venues.venue import Venue

AGENT_KEY = "hyperliquid_agent_key"
PRIVATE_KEY = "kalshi_private_key"
KEY = re.compile(r"0x[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Means:
    """What a venue is made with. `say` writes one line for people."""

    clock: Clock
    credentials: Credentials
    say: Callable[[str], None]


def venue_of(to: connection.Params, markets: Sequence[str], means: Means) -> Venue:
    """The venue, not yet open. Raises CannotStart."""
    if to.venue == "paper":
        return PaperVenue(to.state_dir / "paper-exchange.sqlite", to.paper_seed, means.clock)
    return (_kalshi if to.venue == "kalshi" else _hyperliquid)(to, markets, means)


def _hyperliquid(to: connection.Params, markets: Sequence[str], means: Means) -> Venue:
    transport, network = Network(to.api_url, to.ws_url), network_of(to.api_url)
    if to.mode == "live":
        key = means.credentials.read(AGENT_KEY, "signs the orders of HYPERLIQUID_ACCOUNT")
        if not KEY.fullmatch(key):
            raise CannotStart(f"the credential {AGENT_KEY} is no key: it must be 0x and 64 hex digits")
        return HyperliquidVenue(transport, key, to.account, means.clock, network, means.say)
    return _on_feed(to, HyperliquidPrices(transport, means.clock), means)


def _kalshi(to: connection.Params, markets: Sequence[str], means: Means) -> Venue:
    """Its stream of prices is signed too, so that no mode does without the key."""
    pem = means.credentials.read(PRIVATE_KEY, "of KALSHI_KEY_ID: signs the stream of prices, and live the orders")
    try:
        key = Key(to.account, pem.encode())
    except BadKey as error:
        raise CannotStart(f"the credential {PRIVATE_KEY}: {error}") from error
    transport = Network(to.api_url, to.ws_url, ANSWER_S, HEARTBEAT_S)
    if to.mode == "live":
        return KalshiVenue(transport, key, markets, means.clock, to.contracts_in_15_s)
    return _on_feed(to, KalshiPrices(transport, key, markets, means.clock), means)


def _on_feed(to: connection.Params, prices: MarketData, means: Means) -> Venue:
    if to.mode == "shadow":
        return ShadowVenue(prices)
    return PaperOnFeed(prices, to.state_dir / f"{connection.name(to)}.sqlite", means.clock)


def catalogue_of(venue: Venue) -> Catalogue | None:
    """What can be asked for markets to quote, if the venue behind this one can be."""
    source = venue.data if isinstance(venue, PaperOnFeed | ShadowVenue) else venue
    return source if isinstance(source, KalshiVenue | KalshiPrices) else None


def shows_ours(to: connection.Params) -> bool:
    """Whether our orders are in the prices that are told: not where they never reach the book."""
    return to.venue == "paper" or to.mode == "live"


def journal_of(to: connection.Params) -> Path:
    """Every account has its own: what was held on paper is not held live."""
    return to.state_dir / f"journal{'' if to.venue == 'paper' else f'-{connection.name(to)}'}.sqlite"


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
