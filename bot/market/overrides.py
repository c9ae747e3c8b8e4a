"""A desk's own tick and lot for a market: what comes of them on the venue's grid, always legal on both.

The coarser of both counts. An asked step that is no whole number of the venue's becomes its smallest multiple that
is one. Units stay the venue's, so that positions and journals read alike with an override and without.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from bot.market.grid import Coarsened, UniformGrid, coarsened
from bot.market.spec import Spec


@dataclass(frozen=True, slots=True)
class Override:
    """What is asked for: `tick` in quote currency, `lot` in base units; None leaves the venue's. Both above 0."""

    tick: Decimal | None = None
    lot: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it: `spec` in effect, its finest step of price and size, and what the venue's were."""

    spec: Spec
    asked: Override
    tick: Decimal
    lot: Decimal
    venue_tick: Decimal
    venue_lot: Decimal


def apply(spec: Spec, asked: Override) -> Applied:
    """Never a price or size that the venue would refuse for its grid."""
    grid, lot_step = spec.grid, spec.lot_step
    if asked.tick is not None:
        grid = coarsened(grid, Fraction(asked.tick) / Fraction(spec.tick))
    if asked.lot is not None:
        lot_step = max(lot_step, (Fraction(asked.lot) / Fraction(spec.lot)).numerator if asked.lot > spec.lot else 1)
    done = replace(spec, grid=grid, lot_step=lot_step)
    return Applied(done, asked, _tick(done), lot_step * spec.lot, _tick(spec), spec.lot_step * spec.lot)


def _tick(spec: Spec) -> Decimal:
    """The finest step of price that the grid has anywhere."""
    match spec.grid:
        case UniformGrid(step=step) | Coarsened(step=step):
            return step * spec.tick
        case _:
            return spec.tick
