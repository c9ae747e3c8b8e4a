"""Signed requests over one transport, as structs. Waits for tokens; judges nothing.

A question that got no answer may be asked again (VenueUnreachable). An action is sent once: it was answered, it was
refused in words, it was certainly not taken (NotTaken), or nobody knows (NoReply).
"""

from __future__ import annotations

import asyncio
from typing import Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from bot.clock import Clock
from bot.venues.kalshi import errors
from bot.venues.kalshi.errors import Refusal
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH, Key
from bot.venues.kalshi.tokens import Tokens
from bot.venues.kalshi.transport import Transport
from bot.venues.transport import Answer, NoReply, NotTaken, Socket, Unreachable
from bot.venues.venue import VenueUnreachable

MILLI = 1_000_000
TOO_MANY, TIMES = 429, 4
LONGEST_WAIT_S = 3.0
MOST_PAGES = 100
T = TypeVar("T")


class Page(Protocol):
    """Part of a long answer; the last has an empty cursor."""

    @property
    def cursor(self) -> str: ...


P = TypeVar("P", bound=Page)


class QuestionRefused(VenueUnreachable):
    """The venue refused to answer, in words."""

    def __init__(self, path: str, refusal: Refusal) -> None:
        super().__init__(f"{path}: {refusal}")
        self.refusal = refusal


class Client:
    """One key of one account."""

    def __init__(self, transport: Transport, key: Key, clock: Clock, tokens: Tokens) -> None:
        self.tokens = tokens
        self._transport, self._key, self._clock = transport, key, clock

    async def ask(self, kind: type[T], path: str, listed: str = "", **query: object) -> T:
        """GET; `listed` is how the venue lists the path, where an id is in it; a value of `query` may be many.

        Asked again where others of the account used up its tokens meanwhile. Raises VenueUnreachable.
        """
        cost = self.tokens.cost("GET", listed or path)
        given = {name: value for name, value in query.items() if value not in ("", None)}
        asked = f"?{urlencode(given, doseq=True)}" if given else ""
        for _ in range(TIMES):
            await self._wait("GET", cost)
            try:
                answer = await self._request("GET", path, asked, b"")
            except Unreachable as error:
                raise VenueUnreachable(f"{path}: {error}") from error
            if answer.status != TOO_MANY:
                break
            self.tokens.refused("GET")
        if answer.status != 200:
            refusal = errors.refusal(answer.status, answer.body)
            raise QuestionRefused(path, refusal or Refusal(answer.status, "", ""))
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.DecodeError as error:
            raise VenueUnreachable(f"{path}: the answer cannot be read ({error})") from error

    async def pages(self, kind: type[P], path: str, **query: object) -> list[P]:
        """GET page by page, to the last or the hundredth. Raises VenueUnreachable."""
        found = [await self.ask(kind, path, "", **query)]
        while found[-1].cursor and len(found) < MOST_PAGES:
            found.append(await self.ask(kind, path, "", **query, cursor=found[-1].cursor))
        return found

    async def act(self, kind: type[T], method: str, path: str, body: object, tokens: int) -> T | Refusal:
        """Send an action once, after waiting for its tokens. Raises NotTaken or NoReply."""
        try:
            await self._wait(method, tokens)
        except VenueUnreachable as error:
            raise NotTaken(str(error)) from error
        try:
            answer = await self._request(method, path, "", b"" if body is None else msgspec.json.encode(body))
        except Unreachable as error:
            raise NoReply(str(error)) from error
        if answer.status == TOO_MANY:
            self.tokens.refused(method)
            raise NotTaken("HTTP 429: too many requests from this account")
        if 200 <= answer.status < 300:
            return _decoded(kind, answer.body)
        refusal = errors.refusal(answer.status, answer.body)
        unknown = errors.took_effect_unknown(answer.status)
        if refusal is None or (unknown and errors.classed(refusal).code != "E_PAUSED"):
            raise NoReply(f"HTTP {answer.status}")
        return refusal

    async def connect(self) -> Socket:
        """A signed websocket. Raises Unreachable."""
        return await self._transport.connect(self._key.headers(self._clock.now() // MILLI, "GET", WS_PATH))

    async def _request(self, method: str, path: str, query: str, body: bytes) -> Answer:
        headers = self._key.headers(self._clock.now() // MILLI, method, f"{REST_PREFIX}{path}")
        return await self._transport.request(method, f"{path}{query}", body, headers)

    async def _wait(self, method: str, tokens: int) -> None:
        """Take the tokens, and wait until they are there. Raises VenueUnreachable."""
        wait = self.tokens.wait_s(method, tokens)
        if wait > LONGEST_WAIT_S:
            raise VenueUnreachable(f"not sent: the account's tokens are used up for {wait:.1f} s")
        self.tokens.spend(method, tokens)
        if wait:
            await asyncio.sleep(wait)


def _decoded(kind: type[T], body: bytes) -> T:
    try:
        return msgspec.json.decode(body or b"null", type=kind)
    except msgspec.DecodeError as error:
        raise NoReply(f"the reply cannot be read ({error})") from error
