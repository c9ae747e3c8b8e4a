"""A repository of the tests' own, made from this working tree: it can be tagged and broken, and holds still."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy.templates import ROOT


def git(root: Path, *arguments: str) -> str:
    """Run git there, under an identity of its own."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.net", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def copy_working_tree(root: Path) -> Path:
    """A new repository at `root` with one commit: everything git would take from the working tree."""
    listing = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listing.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "--all")
    git(root, "commit", "-qm", "everything")
    return root


def tag(root: Path, version: str) -> None:
    """Commit whatever changed as `version`, and tag it so."""
    project = root / "pyproject.toml"
    text = project.read_text().splitlines()
    lines = [f'version = "{version}"' if line.startswith("version = ") else line for line in text]
    project.write_text("\n".join(lines) + "\n")
    git(root, "commit", "-qam", version)
    git(root, "tag", f"v{version}")
