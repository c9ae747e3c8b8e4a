"""What must hold before orders go out: the key is an agent's of this very account, and the two clocks agree.

The venue would not say so by itself: it answers an agent's address with an empty account, takes orders for whoever
the key belongs to, and a deadline by a wrong clock is no deadline.
"""

from __future__ import annotations

from bot.clock import Clock
from bot.errors import CannotStart
from bot.venues.hyperliquid.client import Questions
from bot.venues.hyperliquid.listings import MILLI

MOST_SKEW_MS = 2_000


async def key(questions: Questions, agent: str) -> None:
    """Raises CannotStart with what to change, or VenueUnreachable."""
    account = await questions.role(questions.user)
    if account.role != "user":
        found = f"an agent of {account.data.user}" if account.data is not None and account.data.user else account.role
        raise CannotStart(
            f"HYPERLIQUID_ACCOUNT {questions.user} is {found} at the venue: name the account itself, funded"
        )
    role = await questions.role(agent)
    master = role.data.user.lower() if role.data is not None else ""
    if role.role != "agent" or master != questions.user:
        found = f"an agent of {master}" if master else role.role
        raise CannotStart(
            f"the agent key's address {agent} is {found} at the venue: approve it as an agent of {questions.user}"
        )


async def time(questions: Questions, clock: Clock) -> int:
    """The venue's time (ns). Raises CannotStart when ours is too far from it, or VenueUnreachable."""
    before = clock.now()
    told = (await questions.status()).time * MILLI
    after = clock.now()
    early, late = (before - told) // MILLI, (told - after) // MILLI
    if max(early, late) > MOST_SKEW_MS:
        skew = f"{max(early, late) / 1000:.1f} s {'ahead of' if early > late else 'behind'}"
        raise CannotStart(f"this host's clock is {skew} the venue's: mend its time synchronisation, then start again")
    return told
