"""Signatures of Kalshi's requests: RSA-PSS with SHA-256 over time, method and path, or Ed25519 over the same bytes.

What is signed is the path alone, from /trade-api on and without a query. PSS draws a salt, so the same request is
signed differently each time; only the public key can tell a good signature from a bad one.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from bot.errors import BotError

REST_PREFIX = "/trade-api/v2"
WS_PATH = "/trade-api/ws/v2"
KEY_HEADER, TIME_HEADER, SIGNATURE_HEADER = (
    "KALSHI-ACCESS-KEY",
    "KALSHI-ACCESS-TIMESTAMP",
    "KALSHI-ACCESS-SIGNATURE",
)
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey


class BadKey(BotError):
    """A private key that cannot be read. The message never repeats any of it."""


class Key:
    """A key of the account. Its text form shows the id and never the key."""

    def __init__(self, key_id: str, pem: bytes) -> None:
        """`pem` is the private key as the venue handed it out, without a password. Raises BadKey."""
        self.key_id = key_id
        self._key = _read(pem)

    def __repr__(self) -> str:
        return f"Key({self.key_id})"

    @property
    def public(self) -> PublicKey:
        return self._key.public_key()

    def headers(self, at_ms: int, method: str, path: str) -> dict[str, str]:
        """The three headers of a request at a time in ms; `path` begins with /trade-api, a query is left out."""
        text = message(str(at_ms), method, path)
        key = self._key
        raw = key.sign(text, _PSS, hashes.SHA256()) if isinstance(key, rsa.RSAPrivateKey) else key.sign(text)
        signature = base64.b64encode(raw).decode()
        return {KEY_HEADER: self.key_id, TIME_HEADER: str(at_ms), SIGNATURE_HEADER: signature}


def message(timestamp: str, method: str, path: str) -> bytes:
    """What is signed."""
    return f"{timestamp}{method.upper()}{path.partition('?')[0]}".encode()


def signed_by(public: PublicKey, signature: str, text: bytes) -> bool:
    """Whether the base64 `signature` over `text` is this key's."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(raw, text, _PSS, hashes.SHA256())
        else:
            public.verify(raw, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_pem(bits: int = 2048) -> bytes:
    """A fresh RSA key, as the venue hands keys out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _read(pem: bytes) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("no private key in PEM form without a password: download the key again from the venue") from None
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise BadKey("the private key is neither RSA nor Ed25519: make an API key at the venue and use that")
    return key
