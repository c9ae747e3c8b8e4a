"""The texts in which our exchanges refuse an order, in the venue's own words; `hyperliquid.errors` classes them."""

from __future__ import annotations

TICK = "Price must be divisible by tick size. asset={asset}"
MARGIN = "Insufficient margin to place order. asset={asset}"
POST_ONLY = "Post only order would have immediately matched, bbo was {bid}@{ask}. asset={asset}"
MIN_VALUE = "Order must have minimum value of $10. asset={asset}"
LOT = "Order has invalid size. asset={asset}"
DUPLICATE = "Duplicate client order id. asset={asset}"
NO_SUCH_ORDER = "Order was never placed, already canceled, or filled. asset={asset}"
MODIFY = "Cannot modify canceled or filled order"
