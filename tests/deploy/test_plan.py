"""The difference between wanted and found: every breakage asks for exactly its repair, and a whole host for nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.host_script import CURRENT
from deploy.host_state import HostState
from deploy.plan import Plan, diff
from deploy.service import Artifact, Service, VendorPackage, Wanted
from tests.deploy.hosts import RELEASE, RUNNING, STAMP, STARTED, WANTED, change, deployed, plan

ENV, RULES, TOKEN = "/etc/mm-bot/mm-bot.env", "/etc/rules/orders.yaml", "/etc/token"


def test_a_whole_host_asks_for_nothing() -> None:
    found = plan(deployed())
    for field in dataclasses.fields(found):
        assert not getattr(found, field.name), field.name
    assert not found.changes
    assert found.words(RELEASE) == "nothing to do"


def test_a_bare_host_asks_for_everything() -> None:
    found = plan(HostState())
    assert found.packages == ["python3"]
    assert [account.name for account in found.accounts] == ["mm-bot", "mm-store"]
    assert len(found.directories) == 2
    assert len(found.files) == 3
    assert found.install
    assert found.link
    assert not found.release_changed, "a first release replaces none: there is nothing to go back to"
    assert [check.name for check in found.validations] == ["settings", "rules"]
    assert [unit.name for unit in found.restart] == ["alerts.service", "bot.service"]
    assert "install python3; make accounts mm-bot, mm-store; " in found.words(RELEASE)


def _break(path: str, **what: object) -> Callable[[HostState], None]:
    return lambda state: change(state, path, **what)


def _unit(name: str, **what: object) -> Callable[[HostState], None]:
    def alter(state: HostState) -> None:
        state.units[name] = dataclasses.replace(RUNNING, **what)  # type: ignore[arg-type]

    return alter


def _release(verdict: str) -> Callable[[HostState], None]:
    return lambda state: state.releases.update({RELEASE: (verdict, "d1ge57")})


def _lose(path: str) -> Callable[[HostState], None]:
    return lambda state: state.paths.pop(path) and None


@pytest.mark.parametrize(
    ("breakage", "files", "restarted"),
    [
        pytest.param(_break(ENV, sha256="0"), [ENV], ["bot.service"], id="config edited"),
        pytest.param(_break(TOKEN, mode=0o644), [TOKEN], ["alerts.service"], id="secret readable"),
        pytest.param(_break(ENV, owner="nobody"), [ENV], ["bot.service"], id="owner changed"),
        pytest.param(_break(ENV, kind="link"), [ENV], ["bot.service"], id="file became a link"),
        pytest.param(_lose(RULES), [RULES], [], id="rule file deleted, nobody reads it"),
        pytest.param(_unit("bot.service", active="inactive"), [], ["bot.service"], id="unit stopped"),
        pytest.param(_unit("bot.service", active="failed"), [], ["bot.service"], id="unit failed"),
        pytest.param(
            _unit("bot.service", needs_reload=True), [], ["bot.service"], id="unit file newer than systemd knows"
        ),
        pytest.param(_break(ENV, ctime=STARTED + 1), [], ["bot.service"], id="process older than its file"),
        pytest.param(_break(CURRENT, target="releases/0.9"), [], ["bot.service"], id="link to an old release"),
        pytest.param(_lose(CURRENT), [], ["bot.service"], id="link gone"),
        pytest.param(_release("damaged"), [], ["bot.service"], id="release damaged"),
        pytest.param(_release("unfinished"), [], ["bot.service"], id="release half installed"),
    ],
)
def test_each_breakage_asks_for_its_repair(
    breakage: Callable[[HostState], None], files: list[str], restarted: list[str]
) -> None:
    state = deployed()
    breakage(state)
    found = plan(state)
    assert [file.path for file in found.files] == files
    assert [unit.name for unit in found.restart] == restarted
    assert found.works
    assert not found.release_changed, "a repair is no change of release"


@pytest.mark.parametrize(
    ("enabled", "unmask"), [("disabled", []), ("", []), ("static", []), ("masked", ["bot.service"])]
)
def test_a_unit_that_would_not_start_at_boot_is_enabled(enabled: str, unmask: list[str]) -> None:
    state = deployed()
    _unit("bot.service", enabled=enabled)(state)
    found = plan(state)
    assert (found.enable, found.unmask, found.restart) == (["bot.service"], unmask, [])


def test_files_seen_behind_a_link_are_written_again() -> None:
    state = deployed()
    change(state, "/etc/rules", kind="link", mode=0o777)
    assert [file.path for file in plan(state).files] == [RULES]


def test_a_stray_rule_file_is_removed() -> None:
    state = deployed()
    state.entries.append("/etc/rules/notes.txt")
    assert plan(state).removals == ["/etc/rules/notes.txt"]


@pytest.mark.parametrize("place", ["/etc/systemd/system", "/run/systemd/system.control"])
def test_a_unit_that_was_overridden_by_hand_is_itself_again(place: str) -> None:
    state = deployed()
    override = f"{place}/bot.service.d/override.conf"
    state.entries.append(override)
    found = plan(state)
    assert found.removals == [override]
    assert [unit.name for unit in found.restart] == ["bot.service"]


def test_an_account_that_could_log_in_or_lost_a_group_is_made_again() -> None:
    state = deployed()
    state.accounts["mm-bot"] = ({"mm-bot"}, "/bin/bash")
    assert [account.name for account in plan(state).accounts] == ["mm-bot"]
    state.accounts["mm-bot"] = ({"mm-bot"}, "/usr/sbin/nologin")
    state.accounts["mm-store"] = ({"mm-store"}, "/usr/sbin/nologin")
    assert [account.name for account in plan(state).accounts] == ["mm-store"]


def test_a_file_the_bot_cannot_write_is_given_back() -> None:
    state = deployed()
    state.foreign.append("/var/log/mm-bot/events-2026-11-21.jsonl")
    assert plan(state).foreign == ["/var/log/mm-bot/events-2026-11-21.jsonl"]


def test_another_release_is_a_change_of_release() -> None:
    found = plan(deployed(), "1.1.0+1234567")
    assert (found.install, found.link, found.release_changed) == (True, True, True)
    assert [check.name for check in found.validations] == ["settings"], "checked again, by the new release"
    assert [unit.name for unit in found.restart] == ["bot.service"]


def test_a_kept_release_is_not_installed_again() -> None:
    state = deployed()
    state.releases["1.1.0+1234567"] = ("whole", "07he3")
    assert not plan(state, "1.1.0+1234567").install


def test_a_deploy_cut_before_its_proof_is_proved_by_the_next() -> None:
    state = deployed()
    state.unproved = True
    assert plan(state).prove


def test_a_change_of_release_that_was_cut_before_its_proof_is_still_one() -> None:
    """The stamp already names the new release; going back must stay possible until it has proved itself."""
    state = deployed()
    state.unproved, state.release_to_go_back_to = True, "0.9.0+fedcba9"
    assert plan(state).release_changed
    state.release_to_go_back_to = RELEASE
    assert not plan(state).release_changed


@pytest.mark.parametrize("stamp", ["", "not json", '{"release": "0.9"}', '{"release": "1.0.0+abcdef0", "files": {}}'])
def test_a_stamp_that_tells_something_else_is_written_again(stamp: str) -> None:
    state = deployed()
    state.stamp = stamp
    assert plan(state).stamp is not None


def _left(state: HostState, **stamp: object) -> HostState:
    state.stamp = json.dumps({**json.loads(state.stamp), **stamp})
    return state


def test_what_nobody_wants_any_more_is_stopped_the_last_first_and_taken_away() -> None:
    units, files = ["loki.service", "promtail.service", "bot.service"], {ENV: {}, "/etc/loki/config.yml": {}}
    found = plan(_left(deployed(), units=units, files=files))
    assert found.retire == ["promtail.service", "loki.service"]
    assert found.removals == ["/etc/loki/config.yml"]
    assert found.works
    assert "stop for good promtail.service, loki.service" in found.words(RELEASE)


def test_what_a_cut_deploy_brought_is_taken_away_too() -> None:
    state = deployed()
    state.cut = json.dumps({"paths": {"/etc/loki/config.yml": "", ENV: "0"}, "born": ["loki.service", "bot.service"]})
    found = plan(state)
    assert (found.retire, found.removals) == (["loki.service"], ["/etc/loki/config.yml"])


def _with_programs(state: HostState) -> Plan:
    artifact = Artifact("loki", "3.6.15", "/opt/mmstack/bin/loki-3.6.15-abc", Path("loki"), "abc")
    wanted = Wanted((*WANTED.services, Service("store", artifacts=(artifact,), vendor=(VendorPackage("x", "1.2"),))))
    return diff(wanted, RELEASE, STAMP, state)


@pytest.mark.parametrize(("there", "brought"), [({}, 1), ({"/opt/mmstack/bin/loki-3.6.15-abc": "abc"}, 0)])
def test_a_program_is_brought_where_it_is_not_or_is_not_whole(there: dict[str, str], brought: int) -> None:
    state = deployed()
    state.programs = there
    assert len(_with_programs(state).artifacts) == brought


@pytest.mark.parametrize(
    ("version", "brought"), [("", 1), ("1.2", 0), ("1.2-1", 0), ("1.20", 1), ("1.3", 1), ("1.2+deb12u1", 0)]
)
def test_a_vendors_package_is_brought_at_its_pin_and_no_other(version: str, brought: int) -> None:
    state = deployed()
    state.packages["x"] = version
    assert len(_with_programs(state).vendor) == brought
