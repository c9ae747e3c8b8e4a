"""Games by script: which markets there are, how their prices go, and what becomes of them. Read from YAML or JSON.

    series: [{ticker: KXNHLGAME, fee_type: quadratic}]
    markets:
      - ticker: KXNHLGAME-26OCT10UTAVGK-VGK
        event: KXNHLGAME-26OCT10UTAVGK
        series: KXNHLGAME
        path: [[0, 0.55], [300, 0.47], [600, 0.47], [600, 0.58]]   # seconds, dollars; twice the same second: a jump
        starts_s: 3600
        closes_s: 7200
        determined_s: 7260
        settles_s: 7320
        result: "yes"
        happenings: [{at_s: 900, what: deactivate}, {at_s: 960, what: activate}]
    happenings: [{at_s: 1800, what: pause_trading}, {at_s: 1860, what: resume}]

Times are seconds of the script; with `--speed` they pass faster. What the crowd adds to the path is drawn step by step
from the seed.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from pathlib import Path
from typing import Literal

import msgspec

from bot.errors import FixSettings
from bot.market.fees import UnknownFees
from bot.market.price_ranges import ImpossibleRanges
from bot.venues.kalshi.codec import Market, PriceRange, Series
from bot.venues.kalshi.numbers import BadNumber
from bot.venues.kalshi.spec import fees_of, grid_of

STRUCTURES = {
    "linear_cent": (("0.0000", "1.0000", "0.0100"),),
    "deci_cent": (("0.0000", "1.0000", "0.0010"),),
    "tapered_deci_cent": (
        ("0.0000", "0.1000", "0.0010"),
        ("0.1000", "0.9000", "0.0100"),
        ("0.9000", "1.0000", "0.0010"),
    ),
    "center_deci_edge_centi_cent": (
        ("0.0000", "0.0100", "0.0001"),
        ("0.0100", "0.9900", "0.0010"),
        ("0.9900", "1.0000", "0.0001"),
    ),
}
NEVER = 14 * 86_400.0
"""Seconds to the close of a market that does not say: the settlement deadline of a game is days away."""


class Happening(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Something at a second of the script; `structure` is what a market's prices become.

    `fees` gives a market's event other fees than its series has, of `fee_type` times `fee_multiplier`; a type of ""
    takes them back.
    """

    at_s: float
    what: Literal["deactivate", "activate", "structure", "fees", "pause_trading", "pause_exchange", "resume"]
    structure: str = "deci_cent"
    fee_type: str = ""
    fee_multiplier: float = 1.0


class SeriesScript(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A series and its fees."""

    ticker: str
    fee_type: str = "quadratic"
    fee_multiplier: float = 1.0


class MarketScript(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One market. `spread_c` and `noise_c` in cents, `rung` contracts a level, `takers` chance of one a step.

    Without `determined_s` it is never determined, without `settles_s` never settled; `value` is a scalar result's.
    With `starts_s` null nobody knows when its game starts; until `waived_until_s` it costs no fees.
    """

    ticker: str
    event: str
    series: str
    path: list[tuple[float, float]]
    structure: str = "linear_cent"
    ranges: list[PriceRange] | None = None
    opens_s: float = 0.0
    starts_s: float | None = 3_600.0
    closes_s: float = NEVER
    determined_s: float | None = None
    settles_s: float | None = None
    waived_until_s: float | None = None
    result: Literal["yes", "no", "scalar"] = "yes"
    value: float | None = None
    spread_c: float = 2.0
    noise_c: float = 0.4
    rung: int = 40
    takers: float = 0.15
    fractional: bool = False
    happenings: list[Happening] = []

    def price(self, second: float) -> float:
        """The fair price in dollars: straight between the points of the path, the last one for ever."""
        at = bisect_right(self.path, second, key=lambda point: point[0])
        if at == 0:
            return self.path[0][1]
        if at == len(self.path):
            return self.path[-1][1]
        (then, low), (later, high) = self.path[at - 1], self.path[at]
        return low + (high - low) * (second - then) / (later - then)

    def price_ranges(self) -> list[PriceRange]:
        return self.ranges if self.ranges is not None else ranges_of(self.structure)


class Script(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole evening. With `thursdays` the exchange pauses trading as it does every week."""

    series: list[SeriesScript]
    markets: list[MarketScript]
    happenings: list[Happening] = []
    thursdays: bool = False


def ranges_of(structure: str) -> list[PriceRange]:
    """The ranges of a structure of a known name."""
    return [PriceRange(*row) for row in STRUCTURES[structure]]


def read(path: Path) -> Script:
    """Raises FixSettings with every reason."""
    try:
        script = msgspec.yaml.decode(path.read_bytes(), type=Script)
    except OSError as error:
        raise FixSettings([f"{path}: {error.strerror}; name a file that can be read"]) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FixSettings([f"{path}: {error}; see `mm-bot simulate kalshi --help`"]) from error
    reasons = [f"{path}: {reason}" for reason in _reasons(script)]
    if reasons:
        raise FixSettings(reasons)
    return script


def _reasons(script: Script) -> list[str]:
    known, seen = {one.ticker for one in script.series}, set[str]()
    reasons = [reason for one in script.series for reason in _reasons_series(one)]
    for market in script.markets:
        reasons += [f"{market.ticker}: {reason}" for reason in _reasons_market(market, known)]
        if market.ticker in seen:
            reasons.append(f"{market.ticker} is there twice: leave one")
        seen.add(market.ticker)
    return reasons if script.markets else [*reasons, "no market: name at least one"]


def _reasons_series(series: SeriesScript) -> list[str]:
    try:
        fees_of(Series(series.ticker, series.fee_type, series.fee_multiplier))
    except UnknownFees as error:
        return [f"{series.ticker}: {error}"]
    return []


def _reasons_market(market: MarketScript, series: set[str]) -> list[str]:
    reasons = []
    if market.series not in series:
        reasons.append(f"no series {market.series!r}: choose from {', '.join(sorted(series)) or 'those you add'}")
    if not market.path or any(later < then for (then, _), (later, _) in pairwise(market.path)):
        reasons.append("its path needs at least one point, and seconds that never go back")
    if any(not 0 < price < 1 for _, price in market.path):
        reasons.append("prices of a path lie between 0 and 1 dollar")
    if market.result == "scalar" and (market.value is None or not 0 <= market.value <= 1):
        reasons.append("a scalar result needs a value between 0 and 1")
    structures = [market.structure, *(one.structure for one in market.happenings if one.what == "structure")]
    reasons += [
        f"no structure {one!r}: choose from {', '.join(STRUCTURES)}" for one in structures if one not in STRUCTURES
    ]
    for one in market.happenings:
        if one.what == "fees" and one.fee_type:
            reasons += _reasons_series(SeriesScript(market.event, one.fee_type, one.fee_multiplier))
    if market.ranges is not None:
        reasons += _reasons_ranges(market.ranges)
    return reasons


def _reasons_ranges(ranges: list[PriceRange]) -> list[str]:
    try:
        grid_of(Market("", "", "", "", "", ranges))
    except (BadNumber, ImpossibleRanges) as error:
        return [str(error)]
    return []
