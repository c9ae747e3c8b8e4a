"""A vendor's apt repository as small as can be: packages of the test's own, signed with keys of the test's own."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_POSTINST = """#!/bin/sh
# As the vendor's: enables and starts what it brings, at once and with its own settings.
set -e
if [ "$1" = configure ] && [ -z "$2" ]; then
  id @NAME@ >/dev/null 2>&1 || useradd --system --gid nogroup @NAME@
  systemctl daemon-reload ||:
  systemctl enable @NAME@ ||:
  systemctl restart @NAME@ ||:
fi
"""
_UNIT = """[Service]
ExecStart=/usr/bin/@NAME@ --as-the-vendor-likes-it
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key in a GnuPG folder of its own."""

    home: Path

    @classmethod
    def made(cls, home: Path) -> Key:
        home.mkdir(mode=0o700)
        key = cls(home)
        key._gpg("--passphrase", "", "--quick-generate-key", "Vendor <vendor@example.net>", "ed25519", "sign", "never")
        return key

    @property
    def public(self) -> bytes:
        """Armoured, as a vendor offers it."""
        return self._gpg("--armor", "--export")

    def sign(self, text: bytes) -> bytes:
        """The text with its signature around it."""
        return self._gpg("--clearsign", "--output", "-", given=text)

    def _gpg(self, *words: str, given: bytes = b"") -> bytes:
        line = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
        done = subprocess.run(line, input=given, capture_output=True)
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


@dataclass(frozen=True, slots=True)
class Repository:
    """The folder that is served; `publish` after every change."""

    root: Path

    def add(self, name: str, version: str, program: Path) -> Path:
        """A package that brings `program` as /usr/bin/NAME, settings, a unit and an account, and starts at once."""
        tree = self.root.with_name(f"{name}-{version}")
        for folder in ("DEBIAN", "usr/bin", "etc/systemd/system"):
            (tree / folder).mkdir(parents=True)
        settings = tree / f"etc/{name}/config.yml"
        settings.parent.mkdir()
        settings.write_text("as: the vendor likes it\n")
        (tree / "DEBIAN/conffiles").write_text(f"/etc/{name}/config.yml\n")
        control = f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: t <t@example.net>\n"
        (tree / "DEBIAN/control").write_text(f"{control}Description: what the test deploys\n")
        (tree / "DEBIAN/postinst").write_text(_POSTINST.replace("@NAME@", name))
        (tree / "DEBIAN/postinst").chmod(0o755)
        (tree / f"etc/systemd/system/{name}.service").write_text(_UNIT.replace("@NAME@", name))
        shutil.copyfile(program, tree / "usr/bin" / name)
        (tree / "usr/bin" / name).chmod(0o755)
        package = self.root / "pool" / f"{name}_{version}_amd64.deb"
        package.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, package], check=True, stdout=-3)
        shutil.rmtree(tree)
        return package

    def publish(self, key: Key) -> None:
        """Lists over what is in the pool now, signed."""
        lists = self.root / "dists/stable/main/binary-amd64"
        lists.mkdir(parents=True, exist_ok=True)
        text = "\n".join(self._entry(package) for package in sorted(self.root.glob("pool/*.deb"))).encode()
        (lists / "Packages").write_bytes(text)
        release = (
            f"Origin: Vendor\nSuite: stable\nCodename: stable\nArchitectures: amd64\nComponents: main\n"
            f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} UTC\nSHA256:\n"
            f" {hashlib.sha256(text).hexdigest()} {len(text)} main/binary-amd64/Packages\n"
        )
        (self.root / "dists/stable/InRelease").write_bytes(key.sign(release.encode()))

    def _entry(self, package: Path) -> str:
        control = subprocess.run(["dpkg-deb", "--field", package], check=True, capture_output=True, text=True).stdout
        content = package.read_bytes()
        return (
            f"{control}Filename: {package.relative_to(self.root)}\nSize: {len(content)}\n"
            f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
        )
