"""Edge-locked market making of event contracts: in outside the price gates, out at a take-profit that is locked to
what was paid, or by age, or in part when it goes against us.

`quoting.decide` is the way in. Pure: the time comes with the view, sizes and prices are integers, and what rests or was
sent is somebody else's to know.
"""

from bot.strategy.edge_locked.params import Gate, Params

__all__ = ["Gate", "Params"]
