"""What the outcomes of an act mean: in the unit, under its directive alone, and without any. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .acts import ACTS, Act, directives


class Verdict(StrEnum):
    """Of one act in one unit."""

    BITES = "bites"
    TOOTHLESS = "DOES NOT BITE"
    NOT_ENFORCEABLE = "not enforceable"
    NOT_TESTABLE = "not testable"
    OPEN = "open"
    CLOSED = "closed"


Outcome = tuple[str, str]
"""permitted, refused or impossible, and why."""


class Copy(msgspec.Struct, kw_only=True):
    """A unit and what its copy got away with; `attempts` has only the key "error" where the copy did not run."""

    text: str
    score: float | None
    attempts: dict[str, Outcome | str]

    @property
    def error(self) -> str:
        """Why nothing is known; "" where it is."""
        said = self.attempts.get("error", "")
        return said if isinstance(said, str) else ""


class Answer(msgspec.Struct, kw_only=True):
    """What a host answered; `shipped` are units as the distribution has them, `alone` directives by themselves."""

    units: dict[str, Copy]
    shipped: dict[str, Copy]
    alone: dict[str, dict[str, Outcome | str]]
    unified_cgroups: bool
    container: bool
    systemd: str


def alone_name(act: Act) -> str:
    """Names the unit in which the act is tried under its directive alone."""
    return "; ".join((*act.alone, act.user))


def plain_name(act: Act) -> str:
    """Names the unit in which the act is tried under no directive at all."""
    return f"nothing; {act.user}"


def verdicts(answer: Answer, copy: Copy) -> dict[str, tuple[Verdict, str]]:
    """By act: the verdict, and the evidence for it."""
    lines = directives(copy.text)
    return {act.name: _verdict(act, act.asked(lines), answer, copy) for act in ACTS}


def _verdict(act: Act, asked: bool, answer: Answer, copy: Copy) -> tuple[Verdict, str]:
    result, why = _outcome(copy.attempts, act)
    alone, plain = _outcome(answer.alone[alone_name(act)], act)[0], _outcome(answer.alone[plain_name(act)], act)
    if not asked:
        return (Verdict.OPEN, "no directive forbids it") if result == "permitted" else (Verdict.CLOSED, why)
    if alone == "permitted":
        other = "" if result == "permitted" else f"; in the unit it fails for another reason, {why}"
        return Verdict.NOT_ENFORCEABLE, f"{act.directive} alone does not stop it on this host{_why(act, answer)}{other}"
    if result == "permitted":
        return Verdict.TOOTHLESS, f"{act.directive} alone stops it here, but not in this unit"
    if plain[0] != "permitted":
        return Verdict.NOT_TESTABLE, f"without any hardening it fails here too: {plain[1]}"
    if result == "impossible":
        return Verdict.NOT_TESTABLE, why
    return Verdict.BITES, why


def _outcome(attempts: dict[str, Outcome | str], act: Act) -> Outcome:
    found = attempts.get(act.name)
    return found if isinstance(found, tuple) else ("impossible", str(attempts.get("error", "it was not tried")))


def _why(act: Act, answer: Answer) -> str:
    by_cgroup = act.directive in ("DevicePolicy", "IPAddressDeny", "SocketBindDeny")
    return ": no unified control groups to hang a filter on" if by_cgroup and not answer.unified_cgroups else ""
