"""Hyperliquid's refusals, classed by text: our code, and what cures them. Its order statuses, classed by suffix.

The venue has no error numbers, only sentences. One that is not in the table is E_VENUE and says nothing about a
cure: loud, not lost. What is cured by asking (LOOK_UP) must never be answered by sending again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.market.reports import Cure


@dataclass(frozen=True, slots=True)
class Refusal:
    """A classed text."""

    code: str
    cure: Cure


_TABLE: tuple[tuple[str, Refusal], ...] = (
    ("divisible by tick size", Refusal("E_TICK", Cure.REQUANTISE)),
    ("Order has invalid price", Refusal("E_TICK", Cure.REQUANTISE)),
    ("Order has invalid size", Refusal("E_LOT", Cure.REQUANTISE)),
    ("Order has zero size", Refusal("E_LOT", Cure.SHRINK)),
    ("must have minimum value", Refusal("E_MIN_VALUE", Cure.SHRINK)),
    ("Order value too large", Refusal("E_MAX_VALUE", Cure.SHRINK)),
    ("Insufficient margin", Refusal("E_MARGIN", Cure.SHRINK)),
    ("Insufficient spot balance", Refusal("E_MARGIN", Cure.SHRINK)),
    ("margin tier limit", Refusal("E_MARGIN", Cure.SHRINK)),
    ("Reduce only order would increase", Refusal("E_REDUCE_ONLY", Cure.SHRINK)),
    ("Post only order would have immediately matched", Refusal("E_POST_ONLY", Cure.REQUOTE)),
    ("could not immediately match", Refusal("E_NO_MATCH", Cure.REQUOTE)),
    ("No liquidity available", Refusal("E_NO_MATCH", Cure.REQUOTE)),
    ("Invalid TP/SL price", Refusal("E_TRIGGER", Cure.REQUOTE)),
    ("too far from oracle", Refusal("E_ORACLE", Cure.REQUOTE)),
    ("away from the reference price", Refusal("E_ORACLE", Cure.REQUOTE)),
    ("more aggressive than oracle", Refusal("E_OPEN_INTEREST", Cure.WAIT)),
    ("open interest", Refusal("E_OPEN_INTEREST", Cure.WAIT)),
    ("nly post-only orders allowed", Refusal("E_POST_ONLY_WINDOW", Cure.WAIT)),
    ("oo many open orders", Refusal("E_OPEN_ORDERS", Cure.WAIT)),
    ("never placed, already canceled, or filled", Refusal("E_NO_SUCH_ORDER", Cure.LOOK_UP)),
    ("Cannot modify canceled or filled order", Refusal("E_NO_SUCH_ORDER", Cure.LOOK_UP)),
    ("Attempted to modify to invalid new order", Refusal("E_MODIFY", Cure.LOOK_UP)),
    ("Error placing new order during modify", Refusal("E_MODIFY", Cure.LOOK_UP)),
    ("Duplicate client order id", Refusal("E_DUPLICATE", Cure.LOOK_UP)),
    ("Invalid nonce", Refusal("E_NONCE", Cure.RENEW)),
    ("Action already expired", Refusal("E_EXPIRED", Cure.RENEW)),
    ("Too many cumulative requests", Refusal("E_BUDGET", Cure.WAIT)),
    ("over weight limit", Refusal("E_BATCH", Cure.SHRINK)),
    ("Cannot set scheduled cancel time until enough volume", Refusal("E_VOLUME", Cure.HALT)),
    ("does not exist", Refusal("E_KEY", Cure.HALT)),
    ("Must deposit", Refusal("E_KEY", Cure.HALT)),
    ("Vault not registered", Refusal("E_KEY", Cure.HALT)),
    ("pending agent removal", Refusal("E_KEY", Cure.HALT)),
    ("leverage", Refusal("E_LEVERAGE", Cure.HALT)),
    ("Builder fee has not been approved", Refusal("E_BUILDER", Cure.HALT)),
)
"""The first that fits counts: the narrower text stands before the wider."""

UNMAPPED = Refusal("E_VENUE", Cure.HALT)


def classed(text: str) -> Refusal:
    """What a refusal's text means."""
    return next((refusal for part, refusal in _TABLE if part in text), UNMAPPED)


Stage = Literal["resting", "filled", "ended", "rejected", "unknown"]
_STAGES: dict[str, Stage] = {
    "open": "resting",
    "triggered": "resting",
    "filled": "filled",
    "canceled": "ended",
    "scheduledCancel": "ended",
}


def stage(status: str) -> Stage:
    """What an order status means; "rejected" never rested, "ended" did and may have filled in part."""
    if status in _STAGES:
        return _STAGES[status]
    if status.endswith("Rejected"):
        return "rejected"
    return "ended" if status.endswith(("Canceled", "Cancel")) else "unknown"
