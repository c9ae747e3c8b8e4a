"""The five facts that the runbook counts as validated before anything is deployed, in its order and with its numbers.

Each has deeper tests of its own in strategy/edge_locked and risk; here they can be read at one sitting.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from bot.market.fees import schedule
from bot.market.position import State
from bot.market.units import Lots, Side, Ticks
from bot.risk import circuit_breaker
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.params import SECOND
from bot.strategy.edge_locked.quoting import decide
from bot.strategy.edge_locked.take_profit import offset, take_profit
from bot.strategy.edge_locked.trim import fraction, surplus
from tests.bot.strategy.edge_locked.game import PARAMS, held, look, quote, spec

CENT = 100
"""In ticks."""


def test_tp_math_a_vwap_of_60_takes_its_profit_at_67() -> None:
    """2 x (1.75c + 1.75c) = 7c for the ordinary schedule."""
    fees = schedule("quadratic", Decimal(1))
    assert fees.dearest("taker") == Fraction(7, 4) * CENT
    distance = offset(spec(), fees, PARAMS)
    assert distance == 7 * CENT
    assert take_profit(spec(), held("bid", 60, 10).holding, distance) == 67 * CENT
    assert take_profit(spec(), held("ask", 60, 10).holding, distance) == 53 * CENT


@pytest.mark.parametrize(
    ("side", "cents", "state", "bids", "asks"),
    [(None, 0, "FLAT", True, True), ("bid", 48, "SKEW_LONG", False, True), ("ask", 65, "SKEW_SHORT", True, False)],
)
def test_state_machine_flat_quotes_both_sides_and_a_position_only_its_way_out(
    side: Side | None, cents: int, state: State, bids: bool, asks: bool
) -> None:
    position = Held() if side is None else held(side, cents, 10)
    assert position.state == state
    decision = decide(look(54, 60, position), PARAMS)
    assert decision.exit is None
    assert (decision.bid is not None, decision.ask is not None) == (bids, asks)


def test_price_gates_of_the_nhl_are_48_and_65() -> None:
    for best_bid in range(1, 99):
        decision = decide(look(best_bid, best_bid + 1, league="NHL"), PARAMS)
        assert decision.bid is not None
        assert decision.ask is not None
        assert decision.bid.ticks <= 48 * CENT
        assert decision.ask.ticks >= 65 * CENT
    assert decide(look(55, 57, league="NHL"), PARAMS).bid == quote(48, 10)
    assert decide(look(55, 57, league="NHL"), PARAMS).ask == quote(65, 10)


def test_mae_trim_28_1_per_cent_leave_at_11_cents_against_us() -> None:
    assert f"{fraction(Fraction(11), Decimal('0.03')):.1%}" == "28.1%"
    assert surplus(Lots(1_000), Lots(1_000), Fraction(11), Decimal("0.03")) == 281
    hundred = Held().after("bid", Ticks(48 * CENT), Lots(100), 0)
    leaving = decide(look(36, 38, hundred), PARAMS).exit
    assert leaving is not None
    assert (leaving.kind, leaving.quote) == ("mae_trim", quote(36, 28)), "whole contracts"


@pytest.mark.parametrize(("cancels", "level"), [(10, "closed"), (11, "soft"), (21, "hard")])
def test_circuit_breaker_never_trips_on_ten_cancels_in_30_s(cancels: int, level: str) -> None:
    breaker = circuit_breaker.Breaker(circuit_breaker.Params())
    for _ in range(cancels):
        breaker.cancelled(SECOND)
    breaker.look(SECOND)
    assert breaker.level == level


def test_circuit_breaker_adapts_to_a_lively_market() -> None:
    """Six cancels in each half minute for ten minutes are usual here, so three times as many are allowed."""
    breaker = circuit_breaker.Breaker(circuit_breaker.Params())
    for second in range(0, 660, 5):
        breaker.cancelled(second * SECOND)
        assert breaker.look(second * SECOND) is None
    assert breaker.limits() == (18, 36)
