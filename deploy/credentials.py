"""Secrets as systemd credentials: on the host's disk lies only what this host itself can open, wherever it can seal.

systemd decrypts them into memory that only the unit's user can read, when the unit starts. Sealing the same secret
twice gives different bytes, so what is compared is what the host finds inside. Pure.

The key is the host's own (/var/lib/systemd/credential.secret, root only). A TPM's is an operator's choice and not the
default: systemd binds it to the state of the firmware, and after an update of that a bot would not start.
"""

from __future__ import annotations

from collections.abc import Mapping

from .service import File, Sealed

KEYS = ("host", "host+tpm2", "tpm2", "none")
SETTINGS: dict[str, object] = {"seal_secrets_with": "host"}
"""Data an inventory may set, with what holds where it does not."""


def key(settings: Mapping[str, object]) -> tuple[str, list[str]]:
    """The key to seal with, and what is wrong with the setting."""
    asked = str(settings.get("seal_secrets_with", SETTINGS["seal_secrets_with"]))
    if asked in KEYS:
        return asked, []
    return asked, [f"seal_secrets_with={asked!r} is unknown; it is {', '.join(KEYS)}"]


def credential(with_key: str, folder: str, name: str, value: bytes) -> File:
    """The file of a credential. Its name ends with the key, so that another key makes another file."""
    if with_key == "none":
        return File(f"{folder}/{name}", value, mode=0o600, secret=True)
    return File(f"{folder}/{name}.{with_key}", value, mode=0o600, secret=True, sealed=Sealed(name, with_key))


def load_line(name: str, file: File) -> str:
    """The line of a unit that hands it the credential."""
    return f"{'LoadCredentialEncrypted' if file.sealed else 'LoadCredential'}={name}:{file.path}"
