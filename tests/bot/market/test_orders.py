"""Every cell of the order table, both ways: the cells that are there, and that all others raise."""

from __future__ import annotations

import pytest

from bot.errors import MustReconcile
from bot.market.orders import MAY_REST, TABLE, ImpossibleOrder, Input, Order, OrderState
from bot.market.units import Lots, Ticks

# Rows are states, columns inputs, a dot means impossible. Written apart from the code, to be compared with it.
EXPECTED = """
           accepted rejected no_answer  cancel_sent cancelled cancel_refused part_fill  full_fill found_resting found_gone never_seen doubted
pending    working  rejected unknown    .           .         .              pending    filled    .             .          .          .
working    .        .        .          cancelling  .         .              working    filled    .             .          .          unknown
cancelling .        .        unknown    .           cancelled unknown        cancelling filled    .             .          .          .
unknown    .        .        unknown    .           .         .              unknown    filled    working       cancelled  rejected   .
filled     filled   .        filled     .           .         filled         .          .         filled        filled     filled     .
cancelled  .        .        cancelled  .           .         .              cancelled  filled    cancelled     cancelled  cancelled  .
rejected   .        .        .          .           .         .              .          .         .             .          .          .
"""  # noqa: E501 - a table is read across


def cells() -> list[tuple[OrderState, Input, OrderState | None]]:
    head, *rows = EXPECTED.strip().splitlines()
    inputs = [Input[name.upper()] for name in head.split()]
    found = []
    for row in rows:
        state, *targets = row.split()
        assert len(targets) == len(inputs)
        for given, target in zip(inputs, targets, strict=True):
            found.append((OrderState(state), given, None if target == "." else OrderState(target)))
    return found


def order(state: OrderState = OrderState.PENDING, lots: int = 10) -> Order:
    return Order("0x1", 1, "SOL", "bid", Ticks(100), Lots(lots), 0, state=state)


@pytest.mark.parametrize(("state", "given", "target"), cells())
def test_cell(state: OrderState, given: Input, target: OrderState | None) -> None:
    subject = order(state)
    if target is None:
        with pytest.raises(ImpossibleOrder, match=f"is {state}, yet the venue says: {given}"):
            subject.on(given)
        assert subject.state is state
    else:
        subject.on(given)
        assert subject.state is target


def test_the_expected_table_is_whole() -> None:
    assert len(cells()) == len(OrderState) * len(Input)
    assert set(TABLE) == set(OrderState)


def test_only_final_states_leave_the_book() -> None:
    assert set(OrderState) - MAY_REST == {OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED}


def test_fills_add_up() -> None:
    subject = order(OrderState.WORKING, lots=10)
    subject.fill(Lots(4))
    assert (subject.state, subject.left) == (OrderState.WORKING, 6)
    subject.fill(Lots(6))
    assert (subject.state, subject.left) == (OrderState.FILLED, 0)


def test_more_filled_than_sent_is_impossible() -> None:
    with pytest.raises(MustReconcile, match="11 lots filled, only 10 were left"):
        order(OrderState.WORKING, lots=10).fill(Lots(11))
