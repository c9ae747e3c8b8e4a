"""Who asks: key, time and signature of a request, or the venue's refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.venues.kalshi.signing import KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, PublicKey, message, signed_by
from bot.venues.simulators.kalshi import rules
from bot.venues.simulators.kalshi.accounts import Account

SKEW_MS = 10_000
"""How far a request's time may be off: 5 s are accepted by the venue, 30 s are not."""


class Gate:
    """`keys` holds public keys and their accounts by key id; `now` is in ms."""

    def __init__(self, keys: Mapping[str, tuple[PublicKey, Account]], now: Callable[[], int]) -> None:
        self._keys, self._now = keys, now

    def admit(self, method: str, path: str, headers: Mapping[str, str]) -> Account:
        """The account that signed; `path` begins with /trade-api. Raises Refused."""
        given = {name: headers.get(name, "") for name in (KEY_HEADER, TIME_HEADER, SIGNATURE_HEADER)}
        if not all(given.values()):
            raise rules.nested(401, "signature_is_missing_from_headers", "signature is missing from headers")
        time = given[TIME_HEADER]
        if not (time.isascii() and time.isdigit()) or abs(int(time) - self._now()) > SKEW_MS:
            raise rules.nested(401, "header_timestamp_expired", "header timestamp expired")
        if given[KEY_HEADER] not in self._keys:
            raise rules.nested(401, "authentication_error", "authentication error", "NOT_FOUND")
        public, account = self._keys[given[KEY_HEADER]]
        if not signed_by(public, given[SIGNATURE_HEADER], message(time, method, path)):
            raise rules.nested(401, "authentication_error", "authentication error", "INCORRECT_API_KEY_SIGNATURE")
        return account
