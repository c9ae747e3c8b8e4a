"""The one seam: `Session.handle(message, now) -> effects`. Live, paper, replay and tests drive this object alike."""

from bot.session.params import Params
from bot.session.session import Session

__all__ = ["Params", "Session"]
