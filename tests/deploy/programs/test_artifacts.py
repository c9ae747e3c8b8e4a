"""Folders and mirrors of programs: what may be installed, by which proof, and what is refused in one sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.programs import artifacts
from deploy.programs.artifacts import judge, obtain
from deploy.programs.mirror import SUMS, Unfit, sums_in
from deploy.versions import COMPONENTS
from tests.deploy.programs.mirrors import program, served, sha256, tarred, thing, zipped

GOOD = zipped("thing-linux-amd64", program("1.2.3"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMSTACK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def put(folder: Path, **contents: bytes) -> None:
    for name, content in contents.items():
        (folder / {"archive": "thing-linux-amd64.zip"}.get(name, name)).write_bytes(content)


def test_an_archive_is_held_to_the_pin_and_unpacked(folder: Path) -> None:
    put(folder, archive=GOOD)
    found = judge(folder, thing(pin=sha256(GOOD)))
    assert (found.version, found.sha256) == ("1.2.3", sha256(program("1.2.3")))
    assert found.checked == "SHA-256 of the archive as in deploy/versions.py"
    assert "version 1.2.3" in subprocess.run([found.file], capture_output=True, text=True, check=True).stdout


def test_a_tar_is_as_good(folder: Path) -> None:
    packed = tarred("thing-linux-amd64", program("1.2.3"))
    (folder / "thing.tar.gz").write_bytes(packed)
    assert judge(folder, thing("thing.tar.gz", sha256(packed))).file.read_bytes() == program("1.2.3")


def test_without_a_pin_the_folder_is_believed_and_that_is_said(folder: Path) -> None:
    put(folder, archive=GOOD, SHA256SUMS=f"{sha256(GOOD)} *thing-linux-amd64.zip\n".encode())
    assert "the folder's SHA256SUMS, for this repository has no pin" in judge(folder, thing()).checked


def test_a_plain_program_says_its_version(folder: Path) -> None:
    put(folder, thing=program("1.2.9"))
    found = judge(folder, thing(pin="0" * 64))
    assert (found.version, found.file) == ("1.2.9", folder / "thing")
    assert found.checked == "held to no SHA-256 (there is no SHA256SUMS); by its own word this version"


def test_what_a_packager_adds_is_no_other_version(folder: Path) -> None:
    put(folder, thing=program("1.2.3+ds"))
    assert judge(folder, thing()).version == "1.2.3"
    put(folder, thing=program("1.2.3-rc.1"))
    with pytest.raises(Unfit, match=r"says it is version 1\.2\.3-rc\.1"):
        judge(folder, thing())


def test_a_plain_program_that_cannot_run_here_is_taken_by_its_sum_only(folder: Path) -> None:
    put(folder, thing=b"for another machine", SHA256SUMS=f"{sha256(b'for another machine')}  thing\n".encode())
    assert "its version unasked, for it does not run here" in judge(folder, thing()).checked


@pytest.mark.parametrize(
    ("files", "pin", "words"),
    [
        ({}, "0" * 64, ["has neither thing-linux-amd64.zip nor thing", "firedrill artifacts fetch"]),
        ({"archive": GOOD + b"!"}, sha256(GOOD), ["is not thing 1.2.3", sha256(GOOD), "fetch"]),
        ({"archive": GOOD}, "", ["nothing says what", "SHA256SUMS"]),
        ({"archive": b"no zip"}, sha256(b"no zip"), ["is not an archive with thing-linux-amd64"]),
        ({"archive": zipped("other", b"")}, sha256(zipped("other", b"")), ["thing-linux-amd64 in it"]),
        ({"archive": GOOD, SUMS: b"0" * 64 + b"  thing-linux-amd64.zip\n"}, sha256(GOOD), ["SHA256SUMS says (000"]),
        ({"thing": program("1.2.4")}, "", ["says it is version 1.2.4", "pins thing 1.2.3"]),
        ({"thing": b"not to be run"}, "", ["nothing says what", "does not run here"]),
        ({"thing": program("1.2.3"), SUMS: b"0" * 64 + b"  thing\n"}, "", ["not what its SHA256SUMS says"]),
        ({"thing": program("1.2.3"), SUMS: b"0" * 64 + b"  other\n"}, "", ["is not in the SHA256SUMS"]),
        ({"thing": program("1.2.3"), SUMS: b"<html>\n"}, "", ["SHA256SUMS line 1 is not a SHA-256"]),
    ],
    # An archive made now has another sum every time, and a name of a test must not.
    ids=[
        "nothing there",
        "damaged archive",
        "archive without a sum",
        "no archive",
        "nothing in the archive",
        "another sum",
        "another version",
        "not to be run",
        "damaged program",
        "not among the sums",
        "sums that are none",
    ],
)
def test_what_is_not_proven_is_refused(folder: Path, files: dict[str, bytes], pin: str, words: list[str]) -> None:
    put(folder, **files)
    with pytest.raises(Unfit) as caught:
        judge(folder, thing(pin=pin))
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_program_that_changed_is_read_again_and_only_then(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, thing=program("1.2.3"))
    first = judge(folder, thing())
    with monkeypatch.context() as blind:
        blind.setattr(subprocess, "run", None)
        blind.setattr(artifacts.hashlib, "file_digest", None)
        assert judge(folder, thing()) == first
    put(folder, thing=program("1.2.9"))
    assert judge(folder, thing()).version == "1.2.9"


def test_a_damaged_copy_in_the_cache_is_unpacked_again(folder: Path) -> None:
    put(folder, archive=GOOD)
    found = judge(folder, thing(pin=sha256(GOOD)))
    found.file.write_bytes(b"damaged")
    assert judge(folder, thing(pin=sha256(GOOD))).file.read_bytes() == program("1.2.3")


def test_a_mirror_is_asked_once(folder: Path) -> None:
    put(folder, archive=GOOD)
    told: list[tuple[str, int, int]] = []
    with served(folder) as url:
        found = obtain(url, thing(pin=sha256(GOOD)), lambda *words: told.append(words))
    assert told[-1] == ("thing-linux-amd64.zip", len(GOOD), len(GOOD))
    assert obtain(url, thing(pin=sha256(GOOD))) == found, "the mirror is gone, and not needed"


def test_upstream_is_the_mirror_when_none_is_named(folder: Path) -> None:
    put(folder, archive=GOOD)
    with served(folder) as url:
        component = thing(pin=sha256(GOOD), url=f"{url}/thing-linux-amd64.zip")
        assert obtain("", component).version == "1.2.3"


def test_a_mirror_of_plain_programs_needs_their_sums(folder: Path) -> None:
    put(folder, thing=program("1.2.3"))
    with served(folder) as url:
        with pytest.raises(Unfit, match="404"):
            obtain(url, thing(pin=sha256(GOOD)))
        put(folder, SHA256SUMS=f"{sha256(program('1.2.3'))}  thing\n".encode())
        assert obtain(url, thing(pin=sha256(GOOD))).checked.startswith("SHA-256 as in the folder's SHA256SUMS")


def test_a_mirror_with_something_else_leaves_nothing(folder: Path, cache: Path) -> None:
    put(folder, archive=GOOD + b"!")
    with served(folder) as url:
        with pytest.raises(Unfit, match="is not the file that is wanted"):
            obtain(url, thing(pin=sha256(GOOD)))
        put(folder, SHA256SUMS=f"{sha256(GOOD + b'!')}  thing-linux-amd64.zip\n".encode())
        with pytest.raises(Unfit, match=r"another thing-linux-amd64\.zip than the pinned 1\.2\.3"):
            obtain(url, thing(pin=sha256(GOOD)))
    assert [path for path in (cache / "artifacts").rglob("*") if path.is_file()] == []


def test_what_a_mirror_has_wrong_is_said_of_the_mirror(folder: Path) -> None:
    put(folder, thing=program("1.2.4"), SHA256SUMS=f"{sha256(program('1.2.4'))}  thing\n".encode())
    with served(folder) as url, pytest.raises(Unfit) as caught:
        obtain(url, thing())
    assert str(caught.value) == (
        f"{url}/thing says it is version 1.2.4, and deploy/versions.py pins thing 1.2.3; "
        "put the pinned one there, or name another place"
    )


def test_a_mirror_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(
        Unfit, match=r"^http://127\.0\.0\.1:9/SHA256SUMS cannot be reached: .*name a mirror or a folder"
    ):
        obtain("http://127.0.0.1:9", thing(pin=sha256(GOOD)))


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="is not a folder; name one, or fill it"):
        obtain(str(tmp_path / "nowhere"), thing())


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=list(COMPONENTS))
def test_a_pin_is_whole(component: object) -> None:
    assert not [name for name in ("version", "binary", "member", "archive", "url") if not getattr(component, name)]
    found = COMPONENTS[component.name]  # type: ignore[attr-defined]
    assert found.url.endswith(f"/{found.archive}")
    assert found.version in found.url
    assert "latest" not in found.url
    assert len(found.sha256) == 64
    assert set(found.sha256) <= set("0123456789abcdef")
    assert bool(found.package) == bool(found.vendor_version)


@pytest.mark.skipif("MMSTACK_ARTIFACTS" not in os.environ, reason="MMSTACK_ARTIFACTS names no folder of programs")
@pytest.mark.parametrize("name", ["loki", "promtail"])
def test_real_programs_say_their_version(name: str) -> None:
    assert judge(Path(os.environ["MMSTACK_ARTIFACTS"]), COMPONENTS[name]).version == "3.6.15"


def test_what_was_noted_reads_as_sha256sum_reads_it(folder: Path) -> None:
    put(folder, archive=GOOD)
    artifacts.note(folder, {"thing-linux-amd64.zip": sha256(GOOD)})
    assert sums_in(folder) == {"thing-linux-amd64.zip": sha256(GOOD)}
    assert subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=folder).returncode == 0
