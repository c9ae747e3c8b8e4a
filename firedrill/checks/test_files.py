"""Files, directories, packages and accounts: exactly what this checkout renders, readable by whom it says."""

from __future__ import annotations

from pathlib import PurePath

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts, Path
from firedrill.checks.target import ExpectedPath, Target

OTHERS = 0o007
NO_LOGIN = ("nologin", "false")


def test_file_is_as_rendered(path: str, facts: Facts, target: Target, expect: Expect) -> None:
    wanted = target.expected.files[path]
    found, expected = differences(facts.paths.get(path), wanted, "file")
    expect(found=found, expected=expected, remedy=target.redeploy)


def test_directory_is_as_declared(directory: str, facts: Facts, target: Target, expect: Expect) -> None:
    wanted = target.expected.directories[directory]
    found, expected = differences(facts.paths.get(directory), wanted, "directory")
    expect(found=found, expected=expected, remedy=target.redeploy)


def test_directory_has_no_strays(exclusive: str, facts: Facts, target: Target, expect: Expect) -> None:
    """One stray file among the rules can keep all of them from loading."""
    strays = [path for path in facts.entries[exclusive] if path not in target.expected.files]
    expect(found=strays, expected=[], remedy=f"remove it, or {target.redeploy}")


def test_secrets_are_private(facts: Facts, target: Target, expect: Expect) -> None:
    """Whatever holds a secret is closed to others, also what no deploy put there."""
    secrets = [path for path, wanted in target.expected.files.items() if wanted.secret]
    paths = sorted({places.CREDENTIALS, places.SETTINGS, *secrets, *facts.entries[places.CREDENTIALS]})
    states = {path: facts.paths.get(path) for path in paths}
    open_to_others = [f"{path} {s.mode} {s.owner}" for path, s in states.items() if s and not _private(path, s)]
    expect(
        found=open_to_others,
        expected=[],
        remedy=f"{target.redeploy}, then change these secrets: they may have been read",
    )


def test_account_cannot_log_in(account: str, facts: Facts, target: Target, expect: Expect) -> None:
    state = facts.accounts.get(account)
    expect(
        ok=state is not None and PurePath(state.shell).name in NO_LOGIN,
        found=f"shell {state.shell}" if state else "no such account",
        expected="an account without a login shell",
        remedy=f"usermod -s /usr/sbin/nologin {account} on {target.name}, or {target.redeploy}",
    )


def test_account_is_in_its_groups(account: str, facts: Facts, target: Target, expect: Expect) -> None:
    """The store reads the event log as a member of the bot's group."""
    state, wanted = facts.accounts.get(account), target.expected.accounts[account]
    groups = state.groups if state else []
    missing = sorted(set(wanted) - set(groups))
    expect(
        ok=state is not None and not missing,
        found=f"groups {', '.join(groups) or 'none'}" if state else "no such account",
        expected=f"groups {', '.join(wanted) or 'none'}",
        remedy=target.redeploy,
    )


def test_package_is_installed(package: str, facts: Facts, target: Target, expect: Expect) -> None:
    version = facts.packages.get(package)
    expect(ok=version is not None, found=version or "not installed", expected="installed", remedy=target.redeploy)


def test_vendor_package_is_pinned(vendor: str, facts: Facts, target: Target, expect: Expect) -> None:
    """Another version would be somebody's upgrade, and what it does with our settings was never tried."""
    version, wanted = facts.packages.get(vendor), target.expected.vendor[vendor]
    held = vendor in facts.held
    expect(
        ok=version is not None and _is_version(version, wanted) and held,
        found=f"{version}, {'held' if held else 'not held'}" if version else "not installed",
        expected=f"{wanted}, held",
        remedy=f"apt-mark hold {vendor} on {target.name}, and {target.redeploy}",
    )


def test_program_is_the_pinned_one(program: str, facts: Facts, target: Target, expect: Expect) -> None:
    found, expected = differences(facts.paths.get(program), target.expected.programs[program], "file")
    expect(found=found, expected=expected, remedy=target.redeploy)


def differences(state: Path | None, wanted: ExpectedPath, kind: str) -> tuple[str, str]:
    """What is and what should be, reduced to the properties that differ; equal texts when nothing does."""
    if state is None:
        return "missing", f"a {kind}"
    pairs = [
        (state.kind, kind),
        (f"owner {state.owner}:{state.group}", f"owner {wanted.owner}:{wanted.group}"),
        (f"mode {state.mode}", f"mode {wanted.octal}"),
    ]
    if wanted.sha256 is not None and state.sha256 != wanted.sha256:
        pairs.append(_contents(state, wanted))
    different = [pair for pair in pairs if pair[0] != pair[1]]
    if not different:
        return "as rendered", "as rendered"
    return ", ".join(found for found, _ in different), ", ".join(expected for _, expected in different)


def _is_version(found: str, wanted: str) -> bool:
    """A packager's own revision may stand behind the program's version."""
    return found == wanted or found.startswith((f"{wanted}-", f"{wanted}+", f"{wanted}~"))


def _contents(state: Path, wanted: ExpectedPath) -> tuple[str, str]:
    """By hash; but a weak secret could be guessed from its hash, and this is written into reports."""
    if wanted.secret:
        return "other content" if state.sha256 else "content that the host cannot open", "the secret that was given"
    return f"sha256 {(state.sha256 or 'none')[:12]}", f"sha256 {wanted.sha256[:12] if wanted.sha256 else 'none'}"


def _private(path: str, state: Path) -> bool:
    if int(state.mode, 8) & OTHERS:
        return False
    return not path.startswith(places.CREDENTIALS) or (state.owner == "root" and not int(state.mode, 8) & 0o070)
