"""What Hyperliquid answers and streams, as structs: names are the venue's own, numbers the texts it sends.

Decoding ignores keys nobody asked for, because the venue adds some without notice. Turning texts into ticks and lots
is the business of whoever knows the market's spec.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

BookSide = Literal["B", "A"]


class RestingStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """The order, or what a fill left of it, is in the book."""

    oid: int
    cloid: str | None = None


class FilledStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """Traded at once; less than was sent may mean that the rest rests."""

    totalSz: str
    avgPx: str
    oid: int
    cloid: str | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the three is there."""

    resting: RestingStatus | None = None
    filled: FilledStatus | None = None
    error: str | None = None


class Statuses(msgspec.Struct, frozen=True):
    """A status is a bare word ("success", "waitingForFill") or an object."""

    statuses: list[str | Status]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """`type` is that of the action, or "default" where there is nothing to say."""

    type: str
    data: Statuses | None = None


class Reply(msgspec.Struct, frozen=True):
    """The answer of /exchange: `response` is a text when `status` is "err": the whole action was refused."""

    status: Literal["ok", "err"]
    response: str | Outcome


class Asset(msgspec.Struct, frozen=True):
    """A perpetual; its asset id is its place in the universe."""

    name: str
    szDecimals: int
    maxLeverage: int = 1
    isDelisted: bool = False
    onlyIsolated: bool = False


class Meta(msgspec.Struct, frozen=True):
    """All perpetuals of one exchange."""

    universe: list[Asset]


class Level(msgspec.Struct, frozen=True):
    """Price, size and number of orders."""

    px: str
    sz: str
    n: int


class L2Book(msgspec.Struct, frozen=True):
    """A full snapshot: bids from the highest, asks from the lowest."""

    coin: str
    time: int
    levels: tuple[list[Level], list[Level]]


class Bbo(msgspec.Struct, frozen=True):
    """Best bid and ask, None for an empty side."""

    coin: str
    time: int
    bbo: tuple[Level | None, Level | None]


class PublicTrade(msgspec.Struct, frozen=True):
    """A trade of anybody; `side` is the taker's, `users` buyer and seller."""

    coin: str
    side: BookSide
    px: str
    sz: str
    time: int
    tid: int
    hash: str = ""
    users: tuple[str, str] | None = None


class OpenOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order of ours; `sz` is what is left of `origSz`."""

    coin: str
    side: BookSide
    limitPx: str
    sz: str
    oid: int
    timestamp: int
    origSz: str
    cloid: str | None = None
    reduceOnly: bool = False


class OrderUpdate(msgspec.Struct, frozen=True):
    """What became of an order of ours: see `errors.stage` for what a status means."""

    order: OpenOrder
    status: str
    statusTimestamp: int


class OrderStatus(msgspec.Struct, frozen=True):
    """The answer to orderStatus: "order", or "unknownOid" when the venue never saw it or forgot it."""

    status: Literal["order", "unknownOid"]
    order: OrderUpdate | None = None


class Fill(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trade of ours, unique by `tid` and `oid`; `fee` below zero is a rebate, `crossed` means that we took."""

    coin: str
    px: str
    sz: str
    side: BookSide
    time: int
    oid: int
    tid: int
    fee: str
    crossed: bool
    startPosition: str
    dir: str
    closedPnl: str
    feeToken: str
    hash: str
    twapId: int | UnsetType | None = UNSET
    cloid: str | None = None


class UserFills(msgspec.Struct, frozen=True):
    """A snapshot is history and may repeat what was told before."""

    user: str
    fills: list[Fill]
    isSnapshot: bool = False


class Leverage(msgspec.Struct, frozen=True):
    """Cross or isolated, and how many times."""

    type: str
    value: int


class Position(msgspec.Struct, frozen=True):
    """`szi` is signed."""

    coin: str
    szi: str
    entryPx: str | None
    positionValue: str
    unrealizedPnl: str
    marginUsed: str
    leverage: Leverage
    liquidationPx: str | None = None


class AssetPosition(msgspec.Struct, frozen=True):
    """A position with its type, which is always oneWay."""

    position: Position
    type: str = "oneWay"


class MarginSummary(msgspec.Struct, frozen=True):
    """Of the whole account, in USD."""

    accountValue: str
    totalNtlPos: str
    totalRawUsd: str
    totalMarginUsed: str


class ClearinghouseState(msgspec.Struct, frozen=True):
    """Positions and margin of an account."""

    marginSummary: MarginSummary
    crossMarginSummary: MarginSummary
    withdrawable: str
    time: int
    assetPositions: list[AssetPosition]


class RateLimit(msgspec.Struct, frozen=True):
    """Requests of an address since it began: how many it sent, and how many it may have sent."""

    nRequestsUsed: int
    nRequestsCap: int


class Fees(msgspec.Struct, frozen=True):
    """What an account pays on perpetuals, as a part of the value; below zero is a rebate."""

    userCrossRate: str
    userAddRate: str


class Master(msgspec.Struct, frozen=True):
    """The account of an agent."""

    user: str = ""


class Role(msgspec.Struct, frozen=True):
    """What an address is: "user", "agent", "vault", "subAccount" or "missing"; of an agent also whose."""

    role: str
    data: Master | None = None


class ExchangeStatus(msgspec.Struct, frozen=True):
    """The venue's own time, in ms."""

    time: int


class Subscribed(msgspec.Struct, frozen=True):
    """The venue took a subscription, or gave it back."""

    method: str


class Frame(msgspec.Struct, frozen=True):
    """One message of the websocket; `data` stays raw until the channel says what it is."""

    channel: str
    data: msgspec.Raw = msgspec.Raw(b"null")


CHANNELS: dict[str, Any] = {
    "l2Book": L2Book,
    "bbo": Bbo,
    "trades": list[PublicTrade],
    "orderUpdates": list[OrderUpdate],
    "userFills": UserFills,
    "subscriptionResponse": Subscribed,
    "error": str,
}
"""What each channel we read carries."""

_frame = msgspec.json.Decoder(Frame)
_channels = {name: msgspec.json.Decoder(kind) for name, kind in CHANNELS.items()}

Streamed = L2Book | Bbo | list[PublicTrade] | list[OrderUpdate] | UserFills | Subscribed | str


def frame(text: str | bytes) -> tuple[str, Streamed | None]:
    """Channel and content of a message; no content for a channel we do not read. Raises msgspec.DecodeError."""
    found = _frame.decode(text)
    decoder = _channels.get(found.channel)
    return found.channel, None if decoder is None else decoder.decode(found.data)
