"""The venues' texts and our codes for them. A text nobody has mapped yet is `E_VENUE`: loud, not lost."""

from __future__ import annotations

TICK = "Price must be divisible by tick size. asset={asset}"
MARGIN = "Insufficient margin to place order. asset={asset}"
POST_ONLY = "Post only order would have immediately matched, bbo was {bid}@{ask}. asset={asset}"
MIN_VALUE = "Order must have minimum value of $10. asset={asset}"
LOT = "Order has invalid size. asset={asset}"
DUPLICATE = "Duplicate client order id. asset={asset}"
NO_SUCH_ORDER = "Order was never placed, already canceled, or filled. asset={asset}"

_CODES = (
    ("divisible by tick size", "E_TICK"),
    ("Insufficient margin", "E_MARGIN"),
    ("Post only order", "E_POST_ONLY"),
    ("minimum value", "E_MIN_VALUE"),
    ("invalid size", "E_LOT"),
    ("Duplicate client order id", "E_DUPLICATE"),
)


def code(text: str) -> str:
    """Our code for a venue's rejection text."""
    return next((code for part, code in _CODES if part in text), "E_VENUE")
