"""The venue's own Python client, unmodified, where it is installed, and short words for what tests do with it.

Which one that is depends on the Python: from 3.13 on the newest, before it 3.2, whose orders are the legacy calls.
"""

from __future__ import annotations

import uuid
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "kalshi-python-sync"
V2_SINCE = (3, 34)


def installed() -> tuple[int, ...]:
    """Its version; () where it is not installed."""
    try:
        return tuple(int(part) for part in version(PACKAGE).split("."))
    except PackageNotFoundError:
        return ()


NEEDS_ANY = pytest.mark.skipif(not installed(), reason=f"{PACKAGE} is not installed: make venv installs it")
NEEDS_V2 = pytest.mark.skipif(
    installed() < V2_SINCE,
    reason=f"the official client for this Python is {'.'.join(map(str, installed())) or 'missing'}: "
    "orders of V2 are in 3.34 and later, which need Python 3.13",
)


def module() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the client's own dependencies are not ours to mend
        import kalshi_python_sync

    return kalshi_python_sync


def client(ready: dict[str, str]) -> Any:
    sdk = module()
    configuration = sdk.Configuration(host=ready["url"])
    configuration.api_key_id = ready["key_id"]
    configuration.private_key_pem = Path(ready["private_key_file"]).read_text()
    return sdk.KalshiClient(configuration)


def create(of: Any, price: str = "0.05", count: str = "10", side: str = "bid", **more: Any) -> Any:
    """An order in the first market, far from trading unless told otherwise."""
    given = {
        "ticker": first(of),
        "client_order_id": str(uuid.UUID(int=next(_NUMBERS))),
        "side": side,
        "count": count,
        "price": price,
        "time_in_force": "good_till_canceled",
        "self_trade_prevention_type": "taker_at_cross",
        **more,
    }
    return of.create_order_v2(**given)


def first(of: Any) -> str:
    ticker: str = of.get_markets(limit=1).markets[0].ticker
    return ticker


_NUMBERS = iter(range(1, 1_000_000))
