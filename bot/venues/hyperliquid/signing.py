"""Signatures of Hyperliquid's L1 actions: the action's hash, and an agent key's EIP-712 signature over it.

The hash covers the action's MessagePack with its keys in order, so what is signed is encoded by the same structs that
are sent. The EIP-712 type is one and fixed, which is why its encoding stands here as five hashes; keccak and
secp256k1 come from libraries. An agent key trades for an account and cannot move its money; user-signed actions
(transfers, approvals) are not here on purpose.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from coincurve import PrivateKey, PublicKey
from Crypto.Hash import keccak

from bot.errors import CannotStart

Network = Literal["mainnet", "testnet"]
SOURCES: dict[Network, bytes] = {"mainnet": b"a", "testnet": b"b"}
MAINNET_URL = "https://api.hyperliquid.xyz"
KEY_DIGITS = 64
_V = 27
"""What Ethereum adds to the recovery id of a signature."""


class BadKey(CannotStart):
    """No key of an agent. The message never shows it."""


class BadSignature(ValueError):
    """Three numbers that are no signature of anybody."""


class Signature(msgspec.Struct, frozen=True):
    """As the wire wants it: `r` and `s` in hex without padding, `v` 27 or 28."""

    r: str
    s: str
    v: int


def _keccak(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


_DOMAIN = _keccak(
    _keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    + _keccak(b"Exchange")
    + _keccak(b"1")
    + (1337).to_bytes(32, "big")
    + bytes(32)
)
_AGENT = _keccak(b"Agent(string source,bytes32 connectionId)")


def network_of(api_url: str) -> Network:
    """The network that a server at this address belongs to: all but the main one check as the testnet does."""
    return "mainnet" if api_url.rstrip("/") == MAINNET_URL else "testnet"


def action_hash(action: object, nonce: int, vault: str | None = None, expires_after: int | None = None) -> bytes:
    """The connection id: `action` as it is sent, `nonce` and `expires_after` in ms, `vault` an address or none."""
    parts = [msgspec.msgpack.encode(action), nonce.to_bytes(8, "big")]
    parts.append(b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x")))
    if expires_after is not None:
        parts.append(b"\x00" + expires_after.to_bytes(8, "big"))
    return _keccak(b"".join(parts))


def digest(connection: bytes, network: Network) -> bytes:
    """What an agent key signs for this connection id: the EIP-712 hash of the phantom agent."""
    agent = _keccak(_AGENT + _keccak(SOURCES[network]) + connection)
    return _keccak(b"\x19\x01" + _DOMAIN + agent)


class Agent:
    """An agent key. Its text form shows the address and never the key. Raises BadKey."""

    def __init__(self, key: str) -> None:
        digits = key.removeprefix("0x")
        try:
            if len(digits) != KEY_DIGITS:
                raise ValueError
            self._key = PrivateKey(bytes.fromhex(digits))
        except ValueError:
            raise BadKey("an agent key has 64 hex digits, with or without 0x: what was given is none") from None
        self.address = _address(self._key.public_key)

    def __repr__(self) -> str:
        return f"Agent({self.address})"

    def sign(
        self,
        action: object,
        nonce: int,
        network: Network,
        vault: str | None = None,
        expires_after: int | None = None,
    ) -> Signature:
        """Sign an action. The same input gives the same signature (RFC 6979)."""
        connection = action_hash(action, nonce, vault, expires_after)
        raw = self._key.sign_recoverable(digest(connection, network), hasher=None)
        return Signature(_hex(raw[:32]), _hex(raw[32:64]), _V + raw[64])


def signer(signature: Signature, connection: bytes, network: Network) -> str:
    """The address whose key made the signature: another action, nonce or network gives another address.

    Raises BadSignature.
    """
    try:
        raw = b"".join(int(part, 16).to_bytes(32, "big") for part in (signature.r, signature.s))
        found = PublicKey.from_signature_and_message(
            raw + bytes([signature.v - _V]), digest(connection, network), hasher=None
        )
    except Exception as error:
        raise BadSignature(f"no key made this signature: {error}") from error
    return _address(found)


def _address(key: PublicKey) -> str:
    return "0x" + _keccak(key.format(compressed=False)[1:])[-20:].hex()


def _hex(part: bytes) -> str:
    return hex(int.from_bytes(part, "big"))
