"""What can be subscribed to on /ws, and how the venue writes a subscription back."""

from __future__ import annotations

from collections.abc import Container

import msgspec

MARKET_STREAMS = ("l2Book", "bbo", "trades", "activeAssetCtx")
USER_STREAMS = ("orderUpdates", "userFills", "userEvents")
FEED = (*MARKET_STREAMS, "allMids")
"""What a frozen feed freezes."""


class Subscription(msgspec.Struct, frozen=True):
    """All that one may name; its type says which of it counts."""

    type: str
    coin: str = ""
    user: str = ""
    nSigFigs: int | None = None
    mantissa: int | None = None
    fast: bool = False
    aggregateByTime: bool = False
    dex: str = ""

    def told(self) -> dict[str, object]:
        """As the acknowledgement repeats it, with its defaults."""
        kind: dict[str, object] = {"type": self.type}
        if self.type == "l2Book":
            figures = {"nSigFigs": self.nSigFigs, "mantissa": self.mantissa, "fast": self.fast}
            return {**kind, "coin": self.coin, **figures}
        if self.type in MARKET_STREAMS:
            return {**kind, "coin": self.coin}
        if self.type == "userFills":
            return {**kind, "user": self.user.lower(), "aggregateByTime": self.aggregateByTime}
        return {**kind, "user": self.user.lower()} if self.type in USER_STREAMS else kind

    @property
    def known(self) -> bool:
        """Whether there is such a stream, and all it needs is named."""
        if self.type in USER_STREAMS:
            return bool(self.user)
        return self.type in FEED

    def fatal(self, coins: Container[str]) -> bool:
        """Whether the venue closes the socket over it without a word."""
        if self.type not in MARKET_STREAMS:
            return False
        figures = (None, 2, 3, 4, 5)
        wrong = self.mantissa is not None and (self.nSigFigs != 5 or self.mantissa not in (1, 2, 5))
        return self.coin not in coins or self.nSigFigs not in figures or wrong


class Post(msgspec.Struct, frozen=True):
    """A request over the socket."""

    type: str
    payload: msgspec.Raw


class Message(msgspec.Struct, frozen=True):
    """What a client sends."""

    method: str
    subscription: Subscription | None = None
    id: int | None = None
    request: Post | None = None


message = msgspec.json.Decoder(Message)
