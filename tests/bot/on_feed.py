"""The whole bot on a venue that stands on a feed, beside an exchange that goes on, for minutes of virtual time."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot import events
from bot.engine import Engine, Surroundings
from bot.lifecycle import Lifecycle, Parts
from bot.market.reports import Account
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.session import Params, Session
from bot.venues.venue import Venue
from tests.bot.virtual_time import VirtualClock

RUN = "00c0ffee"


@dataclass
class Traded:
    """What a run left behind: its log, its journal's positions and the account as the venue has it in the end."""

    lines: list[dict[str, Any]]
    journal: dict[str, Decimal]
    account: Account
    status: int

    def counts(self) -> Counter[str]:
        return Counter(line["action"] for line in self.lines)

    def of(self, action: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["action"] == action]


async def params_of(venue: Venue, clock: VirtualClock, **given: Any) -> Params:
    """Of a run that begins now."""
    specs = await venue.read_specs()
    return Params(run=RUN, venue=venue.name, specs=specs, started=clock.now(), ours_shown=False, **given)


async def traded(
    folder: Path,
    clock: VirtualClock,
    venue: Venue,
    params: Callable[[], Awaitable[Params]],
    weather: Coroutine[Any, Any, None],
    hang_up: Callable[[], Awaitable[None]],
    minutes: float,
) -> Traded:
    """Run it while the exchange's `weather` goes on, then `hang_up`."""
    async with AsyncExitStack() as stack:
        exchange = asyncio.create_task(weather)
        telemetry = Telemetry(folder, RUN, "test", _silent)
        telemetry.open(clock.now())
        stack.callback(lambda: telemetry.close(clock.now()))
        journal = Journal(folder / "journal.sqlite")
        stack.callback(journal.close)
        given = await params()
        engine = Engine(Session(given), Surroundings(venue, journal, telemetry, clock, _silent))
        stack.push_async_callback(engine.close)
        parts = Parts(engine, venue, journal, telemetry, ServiceManager({}, 1), clock, folder / "quotes.off", _silent)
        life = Lifecycle(parts, lambda quoting: [_opening(given, quoting)], setting_off=False)
        asyncio.get_running_loop().call_later(minutes * 60, life.stop, "test")
        status = await life.live()
        account = await venue.account(0)
        held = {kept.market: Decimal(kept.size) for kept in journal.positions() if Decimal(kept.size)}
        await venue.close()
        exchange.cancel()
        await asyncio.gather(exchange, return_exceptions=True)
        await hang_up()
    logs = sorted(folder.glob("events-*.jsonl"))
    return Traded([json.loads(line) for log in logs for line in log.read_text().splitlines()], held, account, status)


def _opening(params: Params, quoting: bool) -> events.Event:
    return events.Startup(mode="paper", venue="test", commit="x", markets=[*params.markets], quotes_enabled=quoting)


def _silent(line: str) -> None:
    pass
