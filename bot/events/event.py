"""What every event is: a frozen struct with a level, and fields that carry their unit.

Knows no event by name; the families beside it define them and the package lists them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

Level = Literal["info", "warn", "error"]
Side = Literal["bid", "ask"]
State = Literal["FLAT", "SKEW_LONG", "SKEW_SHORT"]
Mode = Literal["paper", "shadow", "live"]
Strategy = Literal["edge_locked", "perp_maker", "legacy_skew"]


def _unit(unit: str) -> msgspec.Meta:
    return msgspec.Meta(extra={"unit": unit})


Market = Annotated[str, _unit("instrument")]
Price = Annotated[float, _unit("quote currency")]
Money = Annotated[float, _unit("quote currency, in all")]
Usd = Annotated[float, _unit("USD")]
Cents = Annotated[float, _unit("cents of the quote currency")]
Bps = Annotated[float, _unit("1/10000")]
Size = Annotated[float, _unit("base units or contracts")]
Seconds = Annotated[float, _unit("s")]
Millis = Annotated[float, _unit("ms")]
Percent = Annotated[float, _unit("%")]
Ratio = Annotated[float, _unit("1")]
Score = Annotated[float, _unit("standard deviations over the candidates")]
Mebibytes = Annotated[float, _unit("MiB")]
Count = Annotated[int, _unit("1")]
Switch = Annotated[int, _unit("1 or 0")]
OrderSeq = Annotated[int, _unit("order number within a run")]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="action"):
    """Base of all events. `level` is the severity every instance of the class is logged with."""

    level: ClassVar[Level] = "info"
