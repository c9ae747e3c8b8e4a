"""Signatures, checked with the public key as the venue does: they differ each time."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from bot.venues.kalshi.signing import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    WS_PATH,
    BadKey,
    Key,
    message,
    new_pem,
    signed_by,
)

PATH = "/trade-api/v2/portfolio/orders"
NOW = 1_795_000_000_123
RSA = new_pem()


def pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


KEYS = {"rsa": Key("id-1", RSA), "ed25519": Key("id-2", pem(ed25519.Ed25519PrivateKey.generate()))}


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_signed_is_time_method_and_path(kind: str) -> None:
    key = KEYS[kind]
    headers = key.headers(NOW, "get", f"{PATH}?limit=5")
    assert headers[KEY_HEADER] == key.key_id
    assert headers[TIME_HEADER] == str(NOW)
    signature = headers[SIGNATURE_HEADER]
    assert signed_by(key.public, signature, f"{NOW}GET{PATH}".encode())
    for other in (f"{NOW + 1}GET{PATH}", f"{NOW}POST{PATH}", f"{NOW}GET{PATH}?limit=5", f"{NOW}GET{WS_PATH}"):
        assert not signed_by(key.public, signature, other.encode())


def test_the_salt_is_as_long_as_the_digest_and_drawn_anew() -> None:
    key, text = KEYS["rsa"], message(str(NOW), "GET", PATH)
    first, second = (key.headers(NOW, "GET", PATH)[SIGNATURE_HEADER] for _ in range(2))
    assert first != second
    raw = serialization.load_pem_private_key(RSA, password=None)
    assert isinstance(raw, rsa.RSAPrivateKey)
    longest = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH)
    for other in (longest, padding.PKCS1v15()):
        assert not signed_by(key.public, base64.b64encode(raw.sign(text, other, hashes.SHA256())).decode(), text)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "ä"])
def test_what_is_no_signature_is_nobody_s(signature: str) -> None:
    for key in KEYS.values():
        assert not signed_by(key.public, signature, b"text")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no private key"),
        (RSA.replace(b"RSA PRIVATE", b"PUBLIC"), "no private key"),
        (RSA[:200], "no private key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
    ],
)
def test_a_bad_key_is_refused_without_repeating_it(text: bytes, reason: str) -> None:
    with pytest.raises(BadKey, match=reason) as caught:
        Key("id", text)
    assert not any(line in str(caught.value) for line in text.decode().splitlines() if line)


def test_a_key_never_shows_itself() -> None:
    assert repr(KEYS["rsa"]) == "Key(id-1)"
