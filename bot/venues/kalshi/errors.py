"""Kalshi's refusals: four shapes of body read into one, then classed by code and details into ours and a cure.

A server error, a timeout and a body that is no JSON are no refusal: nobody knows what became of the request. Neither
is a 404 for an order a proof of anything: filled, cancelled and never there have one text (LOOK_UP).
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from bot.market.reports import Cure


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""
    details: str | None = None
    service: str | None = None


class _Body(msgspec.Struct, frozen=True):
    """Nested {"error": {...}} or {"error": "text"}, flat {code, message, details}, bare {"msg": text}."""

    error: _Error | str | None = None
    code: str = ""
    message: str = ""
    details: str | None = None
    msg: str = ""


_body = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the venue said: `code` and `details` are its own words, either may be empty."""

    status: int
    code: str
    message: str
    details: str = ""

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.code, self.message, self.details) if part)
        return f"HTTP {self.status} {said}" if said else f"HTTP {self.status}"


def refusal(status: int, body: bytes) -> Refusal | None:
    """The refusal in an answer that is none of 2xx; None when the body is none of the venue's four shapes."""
    try:
        found = _body.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    error = found.error
    if isinstance(error, str):
        return Refusal(status, "", error)
    if error is None:
        if not (found.code or found.message or found.msg):
            return None
        return Refusal(status, found.code, found.message or found.msg, found.details or "")
    return Refusal(status, error.code, error.message, error.details or "")


@dataclass(frozen=True, slots=True)
class Class:
    """Our code, and what cures it."""

    code: str
    cure: Cure


_TABLE: tuple[tuple[int, str, Class], ...] = (
    (0, "order group", Class("E_GROUP", Cure.WAIT)),
    (0, "order_group", Class("E_GROUP", Cure.WAIT)),
    (0, "paused", Class("E_PAUSED", Cure.WAIT)),
    (400, "post only cross", Class("E_POST_ONLY", Cure.REQUOTE)),
    (400, "invalid_price", Class("E_TICK", Cure.REQUANTISE)),
    (400, "insufficient_balance", Class("E_MARGIN", Cure.SHRINK)),
    (400, "invalid count", Class("E_LOT", Cure.REQUANTISE)),
    (400, "reduce only", Class("E_REDUCE_ONLY", Cure.SHRINK)),
    (0, "market_inactive", Class("E_CLOSED", Cure.WAIT)),
    (409, "order_already_exists", Class("E_DUPLICATE", Cure.LOOK_UP)),
    (409, "insufficient resting volume", Class("E_NO_MATCH", Cure.REQUOTE)),
    (404, "not_found", Class("E_NO_SUCH_ORDER", Cure.LOOK_UP)),
    (401, "header_timestamp_expired", Class("E_CLOCK", Cure.HALT)),
    (401, "", Class("E_KEY", Cure.HALT)),
    (403, "", Class("E_KEY", Cure.HALT)),
    (429, "", Class("E_BUDGET", Cure.WAIT)),
    (400, "bad_request", Class("E_REQUEST", Cure.HALT)),
)
"""HTTP status (0: any) and a part of what the venue said. The first that fits counts. How pauses and groups refuse
nobody has recorded: any words that name them will do, for waiting harms nobody."""

UNMAPPED = Class("E_VENUE", Cure.HALT)


def classed(found: Refusal) -> Class:
    """What a refusal means."""
    said = f"{found.code} {found.message} {found.details}".lower()
    fits = (to for status, part, to in _TABLE if status in (0, found.status) and part in said)
    return next(fits, UNMAPPED)


def took_effect_unknown(status: int) -> bool:
    """Whether an answer leaves open what became of the request."""
    return status >= 500
