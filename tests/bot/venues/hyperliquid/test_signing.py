"""The signature vectors of the venue's own client, on both networks, and the hash of the wire's bytes."""

from __future__ import annotations

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.venues.hyperliquid import actions
from bot.venues.hyperliquid.signing import Agent, BadSignature, Network, Signature, action_hash, network_of, signer

KEY = "0x0123456789012345678901234567890123456789012345678901234567890123"
ADDRESS = "0x14791697260e4c9a71f18484c9f997b308e59325"
VAULT = "0x1719884eb866cb12b2287399b15f7db5e7d775ea"


def order(asset: int, price: str, size: str, tif: actions.Tif, cloid: str | None = None) -> actions.PlaceOrders:
    wire = actions.OrderWire(asset, True, price, size, False, actions.OrderType(actions.Limit(tif)))
    if cloid is not None:
        wire = msgspec.structs.replace(wire, c=cloid)
    return actions.PlaceOrders([wire])


PLAIN = order(1, "100", "100", "Gtc")
DUMMY = {"type": "dummy", "num": 100_000_000_000}
VECTORS: list[tuple[object, Network, str | None, str, str, int]] = [
    (
        PLAIN,
        "mainnet",
        None,
        "0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e",
        "0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e",
        28,
    ),
    (
        PLAIN,
        "testnet",
        None,
        "0x82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54",
        "0x6b53878fc99d26047f4d7e8c90eb98955a109f44209163f52d8dc4278cbbd9f5",
        27,
    ),
    (
        order(1, "100", "100", "Gtc", "0x00000000000000000000000000000001"),
        "mainnet",
        None,
        "0x41ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3",
        "0x3c61f667e747404fe7eea8f90ab0e76cc12ce60270438b2058324681a00116da",
        27,
    ),
    (
        actions.ScheduleCancel(123456789),
        "mainnet",
        None,
        "0x609cb20c737945d070716dcc696ba030e9976fcf5edad87afa7d877493109d55",
        "0x16c685d63b5c7a04512d73f183b3d7a00da5406ff1f8aad33f8ae2163bab758b",
        28,
    ),
    (
        actions.ScheduleCancel(),
        "mainnet",
        None,
        "0x6cdfb286702f5917e76cd9b3b8bf678fcc49aec194c02a73e6d4f16891195df9",
        "0x6557ac307fa05d25b8d61f21fb8a938e703b3d9bf575f6717ba21ec61261b2a0",
        27,
    ),
    (
        DUMMY,
        "mainnet",
        None,
        "0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298",
        "0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8",
        27,
    ),
    (
        DUMMY,
        "mainnet",
        VAULT,
        "0x3c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239",
        "0x4d402be7396ce74fbba3795769cda45aec00dc3125a984f2a9f23177b190da2c",
        28,
    ),
]


@pytest.mark.parametrize(("action", "network", "vault", "r", "s", "v"), VECTORS)
def test_an_agent_signs_as_the_venues_client_does(
    action: object, network: Network, vault: str | None, r: str, s: str, v: int
) -> None:
    assert Agent(KEY).sign(action, 0, network, vault) == Signature(r, s, v)


@pytest.mark.parametrize(("action", "network", "vault", "r", "s", "v"), VECTORS)
def test_the_signer_is_found_again(action: object, network: Network, vault: str | None, r: str, s: str, v: int) -> None:
    signature = Signature(r, s, v)
    assert signer(signature, action_hash(action, 0, vault), network) == ADDRESS
    assert signer(signature, action_hash(action, 1, vault), network) != ADDRESS


def test_the_hash_covers_nonce_and_deadline() -> None:
    ioc = action_hash(order(4, "1670.1", "0.0147", "Ioc"), 1677777606040)
    assert ioc.hex() == "0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908"
    late = action_hash(PLAIN, 5, expires_after=1700000000000)
    assert late.hex() == "71ddd211c330a92de87244485482ae762386b771d7d5572b5188d73474ad6621"


@pytest.mark.parametrize("bad", [Signature("0x0", "0x0", 27), Signature("0x1", "0x1", 99), Signature("zz", "0x1", 27)])
def test_nonsense_is_nobodys_signature(bad: Signature) -> None:
    with pytest.raises(BadSignature):
        signer(bad, action_hash(PLAIN, 0), "mainnet")


def test_an_agent_never_shows_its_key() -> None:
    assert repr(Agent(KEY)) == f"Agent({ADDRESS})"


@pytest.mark.parametrize(
    ("url", "network"),
    [
        ("https://api.hyperliquid.xyz", "mainnet"),
        ("https://api.hyperliquid.xyz/", "mainnet"),
        ("https://api.hyperliquid-testnet.xyz", "testnet"),
        ("http://127.0.0.1:8000", "testnet"),
    ],
)
def test_the_network_is_told_by_the_address(url: str, network: Network) -> None:
    assert network_of(url) == network


@given(st.recursive(st.integers(0, 2**64 - 1) | st.text() | st.booleans() | st.none(), st.lists, max_leaves=20))
def test_the_bytes_are_those_of_the_venues_encoder(value: object) -> None:
    """The hash is over bytes: a shorter or longer form of the same number would be another signature."""
    assert msgspec.msgpack.encode({"type": value}) == msgpack.packb({"type": value})
