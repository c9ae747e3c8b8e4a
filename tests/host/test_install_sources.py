"""Programs from a vendor's signed apt repository, from a mirror and from a folder, on one host from bare to bare again.

Nothing changes on it before everything about a source is proven. The tests stand in the order in which they run.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.programs.vendor import SOURCE
from deploy.releases import cache_directory
from deploy.versions import COMPONENTS
from tests.deploy.programs.mirrors import program, served, sha256, tarred, zipped
from tests.host import stand_in_grafana
from tests.host.apt_repository import Key, Repository
from tests.host.desk import Desk
from tests.host.repository import copy_working_tree
from tests.host.test_uninstall import HISTORY, LOOK
from tests.real_loki import artifact

pytestmark = pytest.mark.host

if shutil.which("gpg") is None:
    pytest.skip("gpg is missing, which signs the test's repository; apt-get install gpg", allow_module_level=True)

TRIAL = """
from pathlib import Path

from ..settings.contexts import Context
from ..service import Service, VendorPackage

PIN = Path("@PIN@")


def service(context: Context) -> Service:
    return Service("trial", vendor=(VendorPackage("mmstack-trial", PIN.read_text()),))
"""
STAND_IN = stand_in_grafana.PROGRAM.encode()
GRAFANA = tarred(COMPONENTS["grafana"].member, STAND_IN)
KEEP_OTHERS = "-o APT::Get::List-Cleanup=false"
EVERYTHING = r"""
find /etc /opt /root /usr /var -xdev \( -path /var/log -o -path /var/lib/systemd \) -prune -o \
  -printf '%p %y %m %s %C@\n'
dpkg --get-selections; getent passwd; getent group
"""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, Key]:
    """mmstack-trial in two versions."""
    folder = tmp_path_factory.mktemp("vendor")
    repository = Repository(folder / "apt")
    (folder / "program").write_bytes(program("1.0"))
    for version in ("1.0", "2.0"):
        repository.add("mmstack-trial", version, folder / "program")
    key = Key.made(folder / "key")
    repository.publish(key)
    return repository, key


@pytest.fixture(scope="module")
def url(vendor: tuple[Repository, Key]) -> Iterator[str]:
    with served(vendor[0].root) as url:
        yield url


@pytest.fixture(scope="module", params=["bookworm", pytest.param("trixie", marks=pytest.mark.thorough)])
def bare(
    request: pytest.FixtureRequest,
    sandbox_host: Callable[..., Any],
    sandbox_dir: Path,
    vendor: tuple[Repository, Key],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[_Desk]:
    """A host that was never deployed to, and a checkout that wants a package of the vendor's for it."""
    checkout = copy_working_tree(tmp_path_factory.mktemp("desk") / "mmstack")
    # Outside the checkout, or every other pin would be another release of the bot.
    (checkout / "deploy/services/trial.py").write_text(TRIAL.replace("@PIN@", str(checkout.with_name("pin"))))
    table = checkout / "deploy.py"
    text = table.read_text().replace("from deploy.apply", "from deploy.services import trial\nfrom deploy.apply", 1)
    table.write_text(text.replace("SERVICES = (", "SERVICES = (\n    trial,", 1))
    pins = checkout / "deploy/versions.py"
    pins.write_text(pins.read_text().replace(COMPONENTS["grafana"].sha256, sha256(GRAFANA)))
    (checkout / "inventory/keys").mkdir(exist_ok=True)
    (checkout / "inventory/keys/grafana.asc").write_bytes(vendor[1].public)
    with sandbox_host(release=request.param, prefix="sources") as host:
        desk = _Desk(checkout, sandbox_dir, host.facts)
        kept = cache_directory() / "artifacts/mirrors"
        before = set(kept.glob("*"))
        yield desk
        for folder in set(kept.glob("*")) - before:  # of mirrors that nobody will ask for again
            shutil.rmtree(folder)
        desk.ssh("rm -f /var/lib/apt/lists/127.0.0.1:*")  # or later hosts would get them with the cached lists


@dataclass(slots=True)
class _Desk(Desk):
    """`found` is what the host was before its first deploy."""

    found: set[str] = field(default_factory=set)


def _all(desk: Desk) -> set[str]:
    """Every file with its last change, apt's lists and caches too. The folder for temporary files may look touched."""
    return {line for line in desk.ssh(EVERYTHING).splitlines() if not line.startswith("/var/tmp d")}


def _pin(desk: Desk, version: str) -> None:
    desk.checkout.with_name("pin").write_text(version)


def _version(desk: Desk) -> str:
    return desk.ssh("dpkg-query -W -f '${Version}' mmstack-trial")


def _refused(desk: Desk, *words: str, **data: str) -> None:
    """A deploy that says so and leaves every file, list and package of the host alone."""
    before = _all(desk)
    said = desk.deploy(*(f"--data={name}={value}" for name, value in data.items()))
    assert said.code != 0
    for word in (*words, "nothing was changed"):
        assert word in said.text, said.text
    assert "Traceback" not in said.text
    assert _all(desk) == before


def test_a_vendor_that_is_not_proven_changes_nothing(
    bare: _Desk, vendor: tuple[Repository, Key], url: str, tmp_path: Path
) -> None:
    """Unreachable, signed by somebody else, a version it has not, a damaged package, no key: a sentence each."""
    repository, key = vendor
    there = bare.checkout / "inventory/keys/grafana.asc"
    _pin(bare, "1.0")
    away = "http://127.0.0.1:9"
    _refused(bare, f"{away} cannot be used: ", "vendor_apt_url", "install_source=archive", vendor_apt_url=away)

    there.write_bytes(Key.made(tmp_path / "other").public)
    _refused(bare, f"{url} is not signed with the key in inventory/keys/grafana.asc", vendor_apt_url=url)
    there.unlink()
    words = ("grafana.asc cannot be read", "gpg --show-keys")
    _refused(bare, *words, vendor_apt_url=url)
    there.write_bytes(key.public)

    _pin(bare, "1.5")
    _refused(bare, f"{url} has no mmstack-trial 1.5; it has 2.0 1.0; move the pin", vendor_apt_url=url)
    _pin(bare, "1.0")

    package = repository.root / "pool/mmstack-trial_1.0_amd64.deb"
    good = package.read_bytes()
    package.write_bytes(good[:-1] + b"!")
    _refused(bare, "cannot give mmstack-trial 1.0 as its list", "Hash Sum mismatch", vendor_apt_url=url)
    package.write_bytes(good)

    source = "/etc/apt/sources.list.d/other.list"
    bare.write(source, f"deb [trusted=yes] {url} stable main\n")
    _refused(bare, f"knows {url.removeprefix('http://')} from {source} already", vendor_apt_url=url)
    bare.ssh(f"rm {source}")


def test_an_archive_that_is_not_proven_changes_nothing(bare: _Desk, tmp_path: Path) -> None:
    """Unreachable, not there, another checksum than the pin's, another than the folder's: a sentence each."""
    wanted = {"log_store": "loki", "install_source": "archive"}
    _refused(bare, "http://127.0.0.1:9/SHA256SUMS cannot be reached", artifacts="http://127.0.0.1:9", **wanted)
    with served(tmp_path) as mirror:
        _refused(bare, f"{mirror}/loki-linux-amd64.zip answers 404", artifacts=mirror, **wanted)
        (tmp_path / "loki-linux-amd64.zip").write_bytes(zipped("loki-linux-amd64", program("3.6.15")))
        _refused(bare, "is not the file that is wanted: its SHA-256 is", artifacts=mirror, **wanted)
    _refused(bare, "and deploy/versions.py pins 91de08b3", artifacts=str(tmp_path), **wanted)
    (tmp_path / "loki-linux-amd64.zip").unlink()
    (tmp_path / "loki").write_bytes(program("3.6.15"))
    (tmp_path / "SHA256SUMS").write_text(f"{sha256(b'')}  loki\n")
    _refused(bare, "is not what its SHA256SUMS says", artifacts=str(tmp_path), **wanted)
    _refused(bare, "there is no loki in /usr/local/bin or /usr/bin", log_store="loki", install_source="present")


def _deployed(desk: Desk, *words: str) -> int:
    """How many operations changed something in a deploy that went well."""
    said = desk.deploy(*words)
    assert said.code == 0, said.text
    return said.changes


def test_a_pinned_package_is_installed_held_and_moved(bare: _Desk, url: str) -> None:
    """And what it would have started by itself never ran."""
    _pin(bare, "1.0")
    bare.found = set(bare.ssh(LOOK).splitlines())
    repository = f"--data=vendor_apt_url={url}"
    _deployed(bare, repository)
    assert _version(bare) == "1.0"
    assert bare.ssh("systemctl show -p LoadState --value mmstack-trial").strip() == "not-found"
    assert "mmstack-trial" in bare.ssh("apt-mark showhold")

    bare.ssh(f"apt-get update -q -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::sourcelist={SOURCE} {KEEP_OTHERS}")
    assert "Candidate: 1.0" in bare.ssh("apt-cache policy mmstack-trial")
    assert "Inst mmstack-trial" not in bare.ssh("apt-get -s dist-upgrade")

    _pin(bare, "2.0")
    _deployed(bare, repository)
    assert _version(bare) == "2.0"
    assert "Candidate: 2.0" in bare.ssh("apt-cache policy mmstack-trial")


def test_programs_from_a_mirror_and_a_folder_take_over_and_go_back(bare: _Desk, url: str, tmp_path: Path) -> None:
    """Debian's own Alertmanager as plain programs, a stand-in for Grafana packed as upstream packs it: from a mirror;
    then another build out of a folder; then the first again, and the vendor's package of before with it."""
    words = _offered(bare, tmp_path, url)
    with served(tmp_path) as mirror:
        _deployed(bare, *words, f"--data=artifacts={mirror}")
        assert _deployed(bare, *words, f"--data=artifacts={mirror}") == 0
    first = _runs(bare)
    assert first.startswith("/opt/mmstack/bin/alertmanager-")
    started = bare.ssh("systemctl show -p ExecStart --value grafana-server")
    assert f"path=/opt/mmstack/bin/grafana-13.2.2-{sha256(GRAFANA)[:12]}/bin/grafana" in started

    with (tmp_path / "alertmanager").open("ab") as other:
        other.write(b"another build")
    _sum(tmp_path)
    bare.ssh("echo >> /opt/mmstack/bin/grafana-*/bin/grafana")
    _deployed(bare, *words, f"--data=artifacts={tmp_path}")
    assert _runs(bare) not in (first, "")
    assert bare.ssh("sha256sum < /opt/mmstack/bin/grafana-*/bin/grafana").split()[0] == sha256(STAND_IN)

    _pin(bare, "1.0")
    _deployed(bare, *words, f"--data=artifacts={mirror}")
    assert _runs(bare) == first, "out of the operator's cache, although the mirror is gone"
    assert _version(bare) == "1.0"


def _offered(desk: _Desk, folder: Path, url: str) -> list[str]:
    """Fills a folder with programs, and says how a deploy takes them."""
    programs = Path(str(desk.host["root"]), "usr/bin")
    for here, there in (("alertmanager", "prometheus-alertmanager"), ("amtool", "amtool")):
        shutil.copyfile(programs / there, folder / here)
    (folder / COMPONENTS["grafana"].archive).write_bytes(GRAFANA)
    _sum(folder)
    secrets = folder.with_name("desk.env")
    secrets.touch(mode=0o600)
    names = ("alert_webhook_token", "grafana_admin_password", "grafana_secret_key")
    secrets.write_text("".join(f"{name}=s3cret-{name}\n" for name in names))
    sources = "install_source=vendor,alertmanager:archive,grafana:archive"
    return [f"--data={word}" for word in (f"vendor_apt_url={url}", sources, "grafana=true", f"secrets_file={secrets}")]


def _sum(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    subprocess.run("sha256sum -- * > ../sums; mv ../sums SHA256SUMS", shell=True, cwd=folder, check=True)


def _runs(desk: Desk) -> str:
    """The program that Alertmanager's unit runs now."""
    return desk.ssh("readlink /proc/$(systemctl show -p MainPID --value prometheus-alertmanager)/exe").strip()


def test_all_of_it_is_taken_away(bare: _Desk, url: str) -> None:
    _deployed(bare, f"--data=vendor_apt_url={url}", "--data=action=uninstall", "--data=purge=true")
    left = {line.split()[1] for line in set(bare.ssh(LOOK).splitlines()) ^ bare.found}
    assert {path for path in left if not path.startswith(HISTORY)} == set()
    assert bare.ssh(f"ls /var/lib/apt/lists | grep -F {url.removeprefix('http://')} || true") == ""


@pytest.mark.thorough
def test_real_loki_and_promtail_from_a_vendor(
    sandbox_host: Callable[..., Any], sandbox_dir: Path, vendor: tuple[Repository, Key], tmp_path: Path
) -> None:
    """In packages that bring settings, a unit and an account of their own, as the vendor's do."""
    repository = Repository(tmp_path / "apt")
    for name in ("loki", "promtail"):
        repository.add(name, COMPONENTS[name].vendor_version, artifact(name))
    repository.publish(vendor[1])
    checkout = copy_working_tree(tmp_path / "mmstack")
    (checkout / "inventory/keys").mkdir(exist_ok=True)
    (checkout / "inventory/keys/grafana.asc").write_bytes(vendor[1].public)
    with served(repository.root) as url, sandbox_host(prefix="vendor") as host:
        desk = _Desk(checkout, sandbox_dir, host.facts)
        words = (f"--data=vendor_apt_url={url}", "--data=log_store=loki", "--data=install_source=vendor")
        found = set(desk.ssh(LOOK).splitlines())
        _deployed(desk, *words)
        assert _deployed(desk, *words) == 0
        for name in ("loki", "promtail"):
            assert desk.ssh(f"readlink /proc/$(pidof {name})/exe").strip() == f"/usr/bin/{name}"
            assert "NoNewPrivileges=yes" in desk.ssh(f"systemctl cat {name}")
            assert "vendor likes it" not in desk.ssh(f"cat /etc/{name}/config.yml")
        checked, _ = desk.firedrill("--no-drills", *words)
        assert checked.code == 0, checked.text
        (checkout / "inventory/keys/grafana.asc").unlink()
        _deployed(desk, *words[1:], "--data=action=uninstall", "--data=purge=true")
        left = {line.split()[1] for line in set(desk.ssh(LOOK).splitlines()) ^ found}
        assert {path for path in left if not path.startswith(HISTORY)} == set()
