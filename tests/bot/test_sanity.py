"""The start-up checks: the seed's numbers from the ordinary fees, and others from other fees, gates and limits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot import sanity, settings
from bot.market import fees
from bot.market.contract import Contract
from bot.market.spec import Spec
from bot.risk import limits
from bot.sanity import Check
from bot.strategy import edge_locked
from tests.bot.process import mm_bot
from tests.bot.test_kalshi_settings import KALSHI

MARKET = "KXNHLGAME-26OCT10UTAVGK-VGK"
HELD = limits.Params(max_markets=2, max_inventory={MARKET: Decimal(20)}, max_per_event=Decimal(30))
STARTS = 1_792_000_000 * 1_000_000_000
SEEDS = """==============================================================
[KXNHLGAME-26OCT10UTAVGK-VGK] STARTUP SANITY CHECKS
==============================================================
TP Math:
  Fees: 1.75¢ + 1.75¢ = 3.50¢
  TP Offset: 7¢
  Example: VWAP=$0.60 → TP_LONG=$0.67
"""


def check(contract: Contract | None = None, edge: edge_locked.Params | None = None) -> Check:
    spec = replace(sanity.ordinary(MARKET, "KXNHLGAME"), **({} if contract is None else {"contract": contract}))
    return Check(spec, spec.tick, spec.lot, "paper", "edge_locked", HELD, edge or edge_locked.Params())


def contract(fee_type: str = "quadratic", multiplier: str = "1", series: str = "KXNHLGAME") -> Contract:
    return Contract("event", series, fees.schedule(fee_type, Decimal(multiplier)), STARTS, STARTS)


def test_it_is_in_the_seeds_shape_to_the_letter() -> None:
    text = "\n".join(check(contract()).lines())
    assert text.startswith(SEEDS)
    assert "  Entries buy at $0.48 or lower, sell at $0.65 or higher" in text
    assert "  20 contracts a market, 30 in its event; markets: 2" in text
    assert "  Entries end 2026-10-14 17:41:40 UTC, the game starts 17:46:40" in text
    assert text.endswith("Mode: paper")


@pytest.mark.parametrize(
    ("given", "roles", "entry", "leaving", "distance", "tp"),
    [
        (contract(), ("taker", "taker"), 1.75, 1.75, 7, 0.67),
        (contract(), ("maker", "taker"), 0, 1.75, 4, 0.64),
        (contract("quadratic_with_maker_fees"), ("maker", "taker"), 0.4375, 1.75, 5, 0.65),
        (contract(multiplier="0.5"), ("taker", "taker"), 0.875, 0.875, 4, 0.64),
        (contract(multiplier="0"), ("taker", "taker"), 0, 0, 1, 0.61),
    ],
    ids=("ordinary", "maker-in", "maker-charged", "half", "waived"),
)
def test_the_event_is_worked_out_from_the_markets_own_fees(
    given: Contract, roles: tuple[fees.Role, fees.Role], entry: float, leaving: float, distance: float, tp: float
) -> None:
    told = check(given, edge_locked.Params(entry_role=roles[0], exit_role=roles[1])).event()
    assert (told.fee_entry_c, told.fee_exit_c, told.tp_offset_c) == (entry, leaving, distance)
    assert (told.example_vwap, told.example_tp) == (0.6, tp)
    assert (told.gate_low, told.gate_high, told.limit, told.max_markets) == (0.48, 0.65, 20, 2)
    assert told.strategy == "edge_locked"


def test_a_market_of_no_known_league_says_that_nothing_is_entered() -> None:
    found = check(contract(series="KXMLBGAME"))
    assert found.event().gate_low is None
    assert "Price Gates: none for KXMLBGAME, so nothing is entered" in found.lines()


def test_a_perpetual_has_no_take_profit() -> None:
    spec = Spec("BTC", 0, Decimal("0.1"), Decimal("0.001"))
    found = Check(spec, spec.tick, spec.lot, "paper", "perp_maker", limits.Params())
    assert found.lines() == []
    assert found.event().tp_offset_c is None


def test_mm_bot_check_prints_it_for_every_league_and_says_what_it_assumes(tmp_path: Path) -> None:
    env = tmp_path / "mm-bot.env"
    env.write_text(KALSHI + "MAX_INVENTORY_PER_EVENT=30\n")
    done = mm_bot("check", "--env", str(env))
    assert done.returncode == 0, done.stderr
    leagues = settings.read(KALSHI).values["KALSHI_SERIES"]
    assert [f"[{league}] STARTUP SANITY CHECKS" in done.stdout for league in leagues] == [True] * 3
    assert done.stdout.count("  TP Offset: 7¢") == 3
    assert "with the ordinary fees and prices in whole cents; each market's own are read at start" in done.stdout
    assert "20 contracts a market, 30 in its event; markets: 1" in done.stdout
