"""Which orders the venue would take at what is shown now, in its own words; and where nobody can say, in ours."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from bot.market.reports import Cure, NewOrder, Rejected
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks, sign
from bot.venues import rejections
from bot.venues.hyperliquid.errors import classed
from bot.venues.on_feed.picture import Picture

NO_BOOK = "no best prices are known now, so nobody can say what would become of an order"
REDUCE_ONLY = "reduce only order would increase the position"
OURS = {NO_BOOK: ("E_NO_BOOK", Cure.WAIT), REDUCE_ONLY: ("E_REDUCE_ONLY", Cure.SHRINK)}


def refusal_of(spec: Spec, new: NewOrder, picture: Picture) -> str | None:
    """Why an order would not be taken; None when it would."""
    if not spec.legal(new.ticks):
        return rejections.TICK.format(asset=spec.asset)
    if new.lots <= 0 or new.lots % spec.lot_step:
        return rejections.LOT.format(asset=spec.asset)
    if not spec.worth_sending(new.ticks, new.lots):
        return rejections.MIN_VALUE.format(asset=spec.asset)
    if picture.top is None:
        return NO_BOOK
    if new.tif == "Alo" and picture.would_match(new.side, new.ticks):
        bid, ask = _text(spec, picture.top.bid), _text(spec, picture.top.ask)
        return rejections.POST_ONLY.format(bid=bid, ask=ask, asset=spec.asset)
    return None


def reduced(new: NewOrder, held: Lots) -> NewOrder | None:
    """The order as it may be taken when so much is held: one that takes and reduces only shrinks, and may be nothing.

    One that rests is taken as it is: not every venue holds those to it.
    """
    if not new.ro or new.tif != "Ioc":
        return new
    lots = Lots(min(new.lots, max(-sign(new.side) * held, 0)))
    return structs.replace(new, lots=lots) if lots else None


def rejected(text: str) -> Rejected:
    """A refusal, classed."""
    if text in OURS:
        code, cure = OURS[text]
        return Rejected(code, text, cure)
    refusal = classed(text)
    return Rejected(refusal.code, text, refusal.cure)


def _text(spec: Spec, ticks: Ticks | None) -> str:
    """A price as the venue's texts have it: exact, with no zero at the end."""
    return "none" if ticks is None else f"{(Decimal(ticks) * spec.tick).normalize():f}"
