"""What stands between settings and a session: which venue, what it lists, and how long it may be away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bot import patience, wiring
from bot.clock import NANOS
from bot.errors import CannotStart
from bot.market.spec import Spec
from bot.risk import limits
from bot.runtime.credentials import Credentials
from bot.venues import connection
from bot.venues.hyperliquid.spec import spec_of
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.venue import VenueUnreachable

SPECS = {name: spec_of(name, number, 2) for number, name in enumerate(("BTC", "kPEPE", "HYPE", "SOL"))}


class Patience:
    """A clock that passes the whole patience in `steps` looks."""

    def __init__(self, steps: int) -> None:
        self._step = round(patience.PATIENCE_S * NANOS) // steps
        self._now = 0

    def now(self) -> int:
        return self._now

    def steady(self) -> int:
        self._now += self._step
        return self._now


def means(credentials: Path | None = None) -> wiring.Means:
    environment = {} if credentials is None else {"CREDENTIALS_DIRECTORY": str(credentials)}
    return wiring.Means(Patience(3), Credentials(environment), lambda said: None)


def params(**differing: str) -> connection.Params:
    values = {
        "mode": "live",
        "venue": "hyperliquid",
        "api_url": "https://api.hyperliquid.xyz",
        "ws_url": "",
        **differing,
    }
    account = f"0x{'ab' * 20}"
    return connection.Params(state_dir=Path("/state"), paper_seed=1, account=account, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("differing", "name"),
    [
        ({"venue": "paper", "mode": "paper"}, "journal.sqlite"),
        ({}, "journal-hyperliquid-live-mainnet-abababab.sqlite"),
        ({"mode": "shadow"}, "journal-hyperliquid-shadow-mainnet.sqlite"),
        ({"api_url": "https://api.hyperliquid-testnet.xyz"}, "journal-hyperliquid-live-testnet-abababab.sqlite"),
        ({"mode": "paper", "api_url": "http://127.0.0.1:1"}, "journal-hyperliquid-paper-simulator.sqlite"),
        ({"mode": "paper", "api_url": "https://h.example"}, "journal-hyperliquid-paper-h.example.sqlite"),
    ],
)
def test_no_two_accounts_share_a_journal(differing: dict[str, str], name: str) -> None:
    assert wiring.journal_of(params(**differing)) == Path("/state") / name


@pytest.mark.parametrize(
    ("market", "said"),
    [
        ("kpepe", "MARKETS: the venue lists no kpepe, did you mean kPEPE?"),
        ("SOLL", "MARKETS: the venue lists no SOLL, did you mean SOL?"),
        ("XYZW", "MARKETS: the venue lists no XYZW"),
    ],
)
def test_a_market_that_is_not_listed_is_named_with_what_is_near(market: str, said: str) -> None:
    with pytest.raises(CannotStart) as refused:
        wiring.check_listed(SPECS, ("BTC", market), limits.Params(max_inventory={"BTC": Decimal(1)}))
    assert str(refused.value) == said


def test_a_limit_under_one_lot_is_refused_where_the_market_is_quoted() -> None:
    held = limits.Params(max_markets=1, max_inventory={"BTC": Decimal(1), "SOL": Decimal("0.001")})
    wiring.check_listed(SPECS, ("BTC", "SOL"), held)
    with pytest.raises(CannotStart, match=r"under one lot of SOL \(0.01\)"):
        wiring.check_listed(SPECS, ("SOL", "BTC"), held)


def test_a_venue_that_comes_back_in_time_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AGAIN_S", 0.0)
    said: list[str] = []
    answers = iter((VenueUnreachable("no route"), VenueUnreachable("no route"), SPECS))

    async def ask() -> Mapping[str, Spec]:
        answer = next(answers)
        if isinstance(answer, VenueUnreachable):
            raise answer
        return answer

    assert asyncio.run(patience.patiently(ask, Patience(9), said.append)) is SPECS
    assert said == ["mm-bot: the venue does not answer, asking again for 25 s: no route"], "said once"


def test_a_venue_that_stays_away_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AGAIN_S", 0.0)

    async def ask() -> None:
        raise VenueUnreachable("no route")

    with pytest.raises(CannotStart, match="the venue does not answer: no route"):
        asyncio.run(patience.patiently(ask, Patience(3), [].append))


def test_live_needs_its_key_and_shows_it_to_nobody(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"no credential hyperliquid_agent_key \(signs the orders of HYPERLIQUID_ACC"):
        wiring.venue_of(params(), (), means())
    (tmp_path / "hyperliquid_agent_key").write_text("hunter2")
    with pytest.raises(CannotStart, match="it must be 0x and 64 hex digits") as refused:
        wiring.venue_of(params(), (), means(tmp_path))
    assert "hunter2" not in str(refused.value)
    (tmp_path / "hyperliquid_agent_key").write_text(f"0x{'1' * 64}\n")
    assert wiring.venue_of(params(), (), means(tmp_path)).name == "hyperliquid"


@pytest.mark.parametrize(
    ("differing", "kind"),
    [({"mode": "paper"}, PaperOnFeed), ({"mode": "shadow"}, ShadowVenue)],
    ids=("paper-on-feed", "shadow"),
)
def test_modes_that_send_nothing_need_no_key(differing: dict[str, str], kind: type) -> None:
    venue = wiring.venue_of(params(**differing), (), means())
    assert type(venue) is kind
    assert venue.name == f"hyperliquid-{differing['mode']}"
