"""Reads files, directories, links and whole release trees as they are. Judges nothing."""

from __future__ import annotations

import glob
import grp
import hashlib
import os
import pwd
import stat
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFSOCK: "socket"}

Fact = dict[str, object]


def read_path(path: str) -> Fact | None:
    """Kind, mode ("0640"), owner, group, size, ctime (unix s), sha256 of a file, target of a link; None if absent."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    kind = KINDS.get(stat.S_IFMT(status.st_mode), "other")
    return {
        "kind": kind,
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "owner": _name(status.st_uid, lambda number: pwd.getpwuid(number).pw_name),
        "group": _name(status.st_gid, lambda number: grp.getgrgid(number).gr_name),
        "size": status.st_size,
        "ctime": status.st_ctime,
        "sha256": _digest(path) if kind == "file" else None,
        "target": os.readlink(path) if kind == "link" else None,
    }


def read_paths(paths: Iterable[str], sealed: Mapping[str, str]) -> dict[str, Fact | None]:
    """`read_path` of each; of those `sealed` (path: name) the hash is that of what is inside."""
    found = {path: read_path(path) for path in paths}
    for path, name in sealed.items():
        fact = found.get(path)
        if fact and fact["kind"] == "file":
            fact["sha256"] = _inside(path, name)
    return found


def _inside(path: str, name: str) -> str | None:
    """SHA-256 of what the host finds in an encrypted credential; None where it cannot open it."""
    opened = subprocess.run(["systemd-creds", "decrypt", f"--name={name}", "--", path, "-"], capture_output=True)
    return hashlib.sha256(opened.stdout).hexdigest() if opened.returncode == 0 else None


def children(directory: str) -> list[str]:
    """Paths of the entries of a directory, sorted; empty when there is no such directory."""
    try:
        return sorted(os.path.join(directory, name) for name in os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []


def read_texts(directory: str, suffix: str) -> dict[str, str]:
    """Content of the files of a directory whose names end with `suffix`, by path."""
    texts = {}
    for path in children(directory):
        if path.endswith(suffix) and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                texts[path] = file.read()
    return texts


def md5(path: str) -> str | None:
    """MD5 of a file in hex (Alertmanager's own identity of its configuration), None if absent."""
    try:
        with open(path, "rb") as file:
            return hashlib.md5(file.read(), usedforsecurity=False).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_release(link: str) -> Fact:
    """Where the link of the current release leads, and the digest of the tree behind it."""
    target = os.readlink(link) if os.path.islink(link) else None
    tree = os.path.realpath(link)
    if target is None or not os.path.isdir(tree):
        return {"target": target, "digest": None, "error": f"{link} leads to no directory"}
    return {"target": target, "digest": tree_digest(tree), "error": None}


def tree_digest(tree: str) -> str:
    """Content of the files and targets of the links of a release, but nothing Python compiled by itself.

    The same number as the deploy's shell: sha256 over the lines of `sha256sum` by path, then `path -> target` by path;
    in a fifth of its time, because the hashing is OpenSSL's and uses every core.
    """
    files, links = _contents(tree)
    with ThreadPoolExecutor() as pool:
        sums = pool.map(_digest, (os.path.join(tree, path) for path in files))
    whole = hashlib.sha256()
    for path, digest in zip(files, sums, strict=True):
        whole.update(f"{digest}  ./{path}\n".encode(errors="surrogateescape"))
    for line in sorted(f"./{path} -> {os.readlink(os.path.join(tree, path))}\n" for path in links):
        whole.update(line.encode(errors="surrogateescape"))
    return whole.hexdigest()


def _contents(tree: str) -> tuple[list[str], list[str]]:
    """Files and links below a directory, relative to it, sorted as bytes."""
    files, links = [], []
    for directory, directories, names in os.walk(tree):
        for name in (*directories, *names):
            path = os.path.join(directory, name)
            if os.path.islink(path):
                links.append(os.path.relpath(path, tree))
            elif name in names and "/__pycache__/" not in path and os.path.isfile(path):
                files.append(os.path.relpath(path, tree))
    return sorted(files, key=os.fsencode), links


def read_account(name: str) -> Fact | None:
    """Login shell, home and groups of an account; None if there is none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = sorted(group.gr_name for group in grp.getgrall() if name in group.gr_mem)
    return {"shell": entry.pw_shell, "uid": entry.pw_uid, "groups": groups}


def writable_by(name: str, paths: Iterable[str]) -> dict[str, bool]:
    """Whether the account may write each path, all that it matches, by asking the kernel as that account."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return dict.fromkeys(paths, False)
    found = {path: glob.glob(path) for path in paths}
    return {path: bool(files) and all(_writable(entry, file) for file in files) for path, files in found.items()}


def _writable(entry: pwd.struct_passwd, path: str) -> bool:
    done = subprocess.run(
        ["test", "-w", path],
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=os.getgrouplist(entry.pw_name, entry.pw_gid),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _name(number: int, lookup: object) -> str:
    try:
        return str(lookup(number))  # type: ignore[operator]
    except KeyError:
        return str(number)


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
