"""What `mm-bot ctl` gets to hear, and what it may set in motion. Parses words; the session decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import events, messages, readiness
from bot.clock import Clock
from bot.engine import Engine
from bot.errors import RetryLater
from bot.market.orders import Order
from bot.market.reports import Resting
from bot.release import Build
from bot.runtime.control import Answer, BadRequest, Request
from bot.runtime.telemetry import Telemetry
from bot.session import narration
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.paper import PaperVenue
from bot.venues.simulators.faults import FAULTS
from bot.venues.venue import Venue

OPERATIONS = ("status", "orders", "positions", "quotes", "breaker", "fault")


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays the same through a run."""

    build: Build
    run: str
    pid: int
    mode: str
    flag_file: Path


class Answers:
    """Call it with a request; it answers or raises BadRequest."""

    def __init__(self, identity: Identity, engine: Engine, venue: Venue, telemetry: Telemetry, clock: Clock) -> None:
        self._identity = identity
        self._engine = engine
        self._session = engine.session
        self._venue = venue
        self._telemetry = telemetry
        self._clock = clock
        self._operations: dict[str, Callable[[list[str]], Awaitable[Answer]]] = {
            "status": self._status,
            "orders": self._orders,
            "positions": self._positions,
            "quotes": self._quotes,
            "breaker": self._breaker,
            "fault": self._fault,
        }

    async def __call__(self, request: Request) -> Answer:
        if request.op not in self._operations:
            raise BadRequest(f"no operation {request.op!r}: choose from {', '.join(OPERATIONS)}")
        return await self._operations[request.op](request.args)

    def health(self) -> Answer:
        """The body of /healthz."""
        return {
            "release": self._identity.build.release,
            "commit": self._identity.build.commit,
            "run": self._identity.run,
            "uptime_s": self._uptime(),
        }

    def reasons(self) -> list[str]:
        """Why /readyz answers 503."""
        return readiness.reasons(self._session, self._telemetry, self._clock.now())

    async def _status(self, words: list[str]) -> Answer:
        reasons = self.reasons()
        return {
            "release": self._identity.build.release,
            "commit": self._identity.build.commit,
            "mode": self._identity.mode,
            "ready": not reasons,
            "reasons": reasons,
            "quotes_enabled": self._session.quotes_enabled,
            "held_off_by": sorted(self._session.holders),
            "idle": readiness.idle(self._session, self._clock.now()),
            "uptime_s": self._uptime(),
            "positions": {market: self._size(market) for market in self._markets()},
            "open_orders": sum(1 for _ in self._session.orders.open()),
            **await self._at_venue(),
            "pid": self._identity.pid,
            "run": self._identity.run,
        }

    async def _at_venue(self) -> Answer:
        """How many orders of ours the venue has; null, and why, while it does not say. The rest is known."""
        try:
            return {"venue_orders": len(await self._venue.resting())}
        except RetryLater as error:
            return {"venue_orders": None, "venue_trouble": str(error)}

    async def _orders(self, words: list[str]) -> Answer:
        venue = [self._resting(order) for order in await self._venue.resting()]
        return {"venue": venue, "ours": [self._ours(order) for order in self._session.orders.open()]}

    async def _positions(self, words: list[str]) -> Answer:
        at_venue = {position.market: position.lots for position in await self._venue.positions()}
        return {market: self._position(market, at_venue) for market in self._markets()}

    async def _quotes(self, words: list[str]) -> Answer:
        if words not in (["on"], ["off"]):
            raise BadRequest("say `quotes on` or `quotes off`")
        await self._engine.ask(messages.HoldQuotes("ctl", off=words == ["off"], source="ctl"))
        holders = sorted(self._session.holders)
        answer: Answer = {"quotes_enabled": self._session.quotes_enabled, "held_off_by": holders}
        if words == ["on"] and holders:
            remedies = {
                "setting": "DISABLE_NEW_QUOTES is true: set it to false and reload",
                "venue": "the venue refused us for good: see `status`",
                "file": f"the flag file {self._identity.flag_file} exists: delete it",
            }
            answer["error"] = "quotes stay off: " + "; ".join(remedies.get(holder, holder) for holder in holders)
        return answer

    async def _breaker(self, words: list[str]) -> Answer:
        if words[:1] != ["reset"] or len(words) > 2:
            raise BadRequest("say `breaker reset`, for every market, or `breaker reset MARKET`")
        market = words[1] if len(words) == 2 else ""
        if market and market not in self._markets():
            raise BadRequest(f"{market} is not quoted here; {', '.join(self._markets())} are")
        await self._engine.ask(messages.ResetBreaker(market))
        return {"reset": [market] if market else self._markets()}

    async def _fault(self, words: list[str]) -> Answer:
        name, count = _fault_words(words)
        now = self._clock.now()
        if not isinstance(self._venue, PaperVenue | PaperOnFeed):
            raise BadRequest("only paper has faults to ask for; a simulated exchange takes --faults")
        self._venue.faults.request(name, count, now)
        self._telemetry.write(events.FaultInjected(fault=name, count=count), now)
        return {"fault": name, "count": count}

    def _uptime(self) -> float:
        return round((self._clock.now() - self._session.params.started) / readiness.SECOND, 3)

    def _markets(self) -> list[str]:
        """What is quoted, then what else is held."""
        return list(dict.fromkeys((*self._session.markets, *self._session.positions.markets())))

    def _size(self, market: str) -> float:
        return self._session.specs[market].size(self._session.positions[market].lots)

    def _position(self, market: str, at_venue: Mapping[str, int]) -> Answer:
        spec = self._session.specs[market]
        return {
            "position": self._size(market),
            "vwap": narration.vwap(spec, self._session.positions[market]),
            "venue": spec.size(at_venue.get(market, 0)),
        }

    def _resting(self, order: Resting) -> Answer:
        spec = self._session.specs[order.market]
        return {
            "market": order.market,
            "side": order.side,
            "price": spec.price(order.ticks),
            "size": spec.size(order.lots),
            "cloid": order.cloid,
            "oid": order.oid,
        }

    def _ours(self, order: Order) -> Answer:
        spec = self._session.specs[order.market]
        return {
            "market": order.market,
            "side": order.side,
            "price": spec.price(order.ticks),
            "size": spec.size(order.left),
            "cloid": order.cloid,
            "oid": order.oid,
            "state": str(order.state),
        }


def _fault_words(words: list[str]) -> tuple[str, int]:
    if not words or len(words) > 2 or (len(words) == 2 and not words[1].isdecimal()):
        raise BadRequest(f"say `fault NAME [COUNT]`; names: {', '.join(FAULTS)}")
    return words[0], int(words[1]) if len(words) == 2 else 1
