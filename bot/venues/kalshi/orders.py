"""What is sent to and answered by /portfolio/events/orders (V2): names are the venue's own, numbers are texts.

A field that is left out is not sent; a number where a text belongs is refused by the venue.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

PATH = "/portfolio/events/orders"
BookSide = Literal["bid", "ask"]
TimeInForce = Literal["fill_or_kill", "good_till_canceled", "immediate_or_cancel"]
SelfTrade = Literal["taker_at_cross", "maker"]


class Create(msgspec.Struct, frozen=True, omit_defaults=True):
    """POST. `expiration_time` in unix seconds and only with good_till_canceled, `reduce_only` only with IOC."""

    ticker: str
    side: BookSide
    count: str
    price: str
    time_in_force: TimeInForce
    self_trade_prevention_type: SelfTrade
    client_order_id: str | UnsetType = UNSET
    post_only: bool | UnsetType = UNSET
    expiration_time: int | UnsetType = UNSET
    cancel_order_on_pause: bool | UnsetType = UNSET
    reduce_only: bool | UnsetType = UNSET
    subaccount: int | UnsetType = UNSET
    order_group_id: str | UnsetType = UNSET
    exchange_index: int | UnsetType = UNSET


class Created(msgspec.Struct, frozen=True, omit_defaults=True):
    """201. Nothing left and nothing filled means that it ended at once, which is no error."""

    order_id: str
    fill_count: str
    remaining_count: str
    ts_ms: int
    client_order_id: str | UnsetType = UNSET
    average_fill_price: str | UnsetType = UNSET
    average_fee_paid: str | UnsetType = UNSET


class Amend(msgspec.Struct, frozen=True, omit_defaults=True):
    """POST {id}/amend. `count` is the total, filled and wanted; an expiry of 0 takes it off, none keeps it."""

    ticker: str
    side: BookSide
    price: str
    count: str
    client_order_id: str | UnsetType = UNSET
    updated_client_order_id: str | UnsetType = UNSET
    expiration_time: int | UnsetType = UNSET
    exchange_index: int | UnsetType = UNSET


class Amended(msgspec.Struct, frozen=True, omit_defaults=True):
    """The order after it."""

    order_id: str
    ts_ms: int
    client_order_id: str | UnsetType = UNSET
    remaining_count: str | UnsetType = UNSET
    fill_count: str | UnsetType = UNSET
    average_fill_price: str | UnsetType = UNSET
    average_fee_paid: str | UnsetType = UNSET


class Decrease(msgspec.Struct, frozen=True, omit_defaults=True):
    """POST {id}/decrease. Exactly one of the two counts."""

    reduce_by: str | UnsetType = UNSET
    reduce_to: str | UnsetType = UNSET
    exchange_index: int | UnsetType = UNSET
    market_ticker: str | UnsetType = UNSET


class Decreased(msgspec.Struct, frozen=True, omit_defaults=True):
    """The order after it."""

    order_id: str
    remaining_count: str
    ts_ms: int
    client_order_id: str | UnsetType = UNSET


class Cancelled(msgspec.Struct, frozen=True, omit_defaults=True):
    """DELETE {id}. Check `order_id`: the venue warns that it may in rare cases describe another order."""

    order_id: str
    reduced_by: str
    ts_ms: int
    client_order_id: str | UnsetType = UNSET


class BatchCreate(msgspec.Struct, frozen=True):
    """POST batched."""

    orders: list[Create]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why one part of a batch was refused."""

    code: str = ""
    message: str = ""
    details: str | UnsetType = UNSET


class BatchCreatedOne(msgspec.Struct, frozen=True, omit_defaults=True):
    """The fields of an order, or `error`."""

    order_id: str | UnsetType = UNSET
    client_order_id: str | UnsetType = UNSET
    fill_count: str | UnsetType = UNSET
    remaining_count: str | UnsetType = UNSET
    average_fill_price: str | UnsetType = UNSET
    average_fee_paid: str | UnsetType = UNSET
    ts_ms: int | UnsetType = UNSET
    error: Problem | None = None


class BatchCreated(msgspec.Struct, frozen=True):
    """One for each order, in order; some may have failed."""

    orders: list[BatchCreatedOne]


class BatchCancelOne(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order to cancel."""

    order_id: str
    subaccount: int | UnsetType = UNSET
    exchange_index: int | UnsetType = UNSET
    market_ticker: str | UnsetType = UNSET


class BatchCancel(msgspec.Struct, frozen=True):
    """DELETE batched."""

    orders: list[BatchCancelOne]


class BatchCancelledOne(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order of a batch."""

    order_id: str
    reduced_by: str
    client_order_id: str | UnsetType = UNSET
    ts_ms: int | UnsetType = UNSET
    error: Problem | None = None


class BatchCancelled(msgspec.Struct, frozen=True):
    """One for each order, in order."""

    orders: list[BatchCancelledOne]
