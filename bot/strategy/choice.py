"""Which strategy quotes: the maker, or the old logic where the settings ask for it."""

from __future__ import annotations

from bot.strategy import legacy_skew, perp_maker
from bot.strategy.view import View, Wanted


def quotes(view: View, params: perp_maker.Params) -> Wanted:
    """The two quotes wanted now."""
    return legacy_skew.quotes(view, params) if params.legacy else perp_maker.quotes(view, params)
