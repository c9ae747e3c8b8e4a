"""What can stop a deploy before it touches a host, classed by what must be fixed: settings, host or release."""

from __future__ import annotations

from collections.abc import Sequence

from pyinfra.api.exceptions import DeployError


class Refused(DeployError):
    """Nothing was changed. The message names the host and every reason, each with its remedy."""

    what = "is not ready to be deployed to"

    def __init__(self, host: str, reasons: Sequence[str]) -> None:
        self.host, self.reasons = host, list(reasons)
        super().__init__("\n".join([f"{host} {self.what}; nothing was changed:", *(f"  - {r}" for r in self.reasons)]))


class SettingsError(Refused):
    """The inventory's data is wrong: fix the settings."""

    what = "has settings that cannot be deployed"


class ReleaseError(Refused):
    """The release asked for cannot be had: name another, or fix the repository."""

    what = "cannot get that release"
