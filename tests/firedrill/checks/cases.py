"""What can be wrong with a host, check by check: a fault alone must turn its check red, or leave it nothing to see."""

from __future__ import annotations

import json
from collections.abc import Callable

from firedrill.checks import places
from firedrill.checks.facts import Facts, Http, Listener, StampedFile

from . import green

Fault = Callable[[Facts], object]


def _page(name: str, status: int | None = 503, body: str = "", error: str | None = None) -> Fault:
    return lambda facts: facts.http.update({name: Http(status=status, body=body, error=error)})


def _rules(*rules: dict[str, object]) -> Fault:
    return lambda facts: facts.http.update(rules=green.rules_page(*rules))


def _set(get: Callable[[Facts], object], **values: object) -> Fault:
    """Change fields of one part of the facts."""

    def change(facts: Facts) -> None:
        for name, value in values.items():
            setattr(get(facts), name, value)

    return change


def _listens(address: str, port: int, unit: str | None) -> Fault:
    return lambda facts: facts.sockets.listeners.append(Listener(address=address, port=port, unit=unit))


def _bot_unit(**values: object) -> Fault:
    return _set(lambda facts: facts.units[places.BOT], **values)


def _bot_process(**values: object) -> Fault:
    return _set(lambda facts: facts.sockets.processes[places.BOT][0], **values)


def change_path(name: str, **values: object) -> Fault:
    return _set(lambda facts: facts.paths[name], **values)


def _all(*faults: Fault) -> Fault:
    return lambda facts: [fault(facts) for fault in faults]


RED: dict[str, list[Fault]] = {
    "unit_is_active": [
        _bot_unit(active_state="inactive"),
        _bot_unit(load_state="not-found"),
        lambda facts: facts.units.pop(places.STORE),
    ],
    "unit_is_enabled": [_bot_unit(unit_file_state="disabled"), _bot_unit(unit_file_state="static")],
    "unit_is_not_restarting": [
        _bot_unit(sub_state="auto-restart", main_pid=0),
        _all(_bot_unit(n_restarts=1), _bot_process(started=green.NOW - 2)),
        _all(_bot_unit(n_restarts=3), _bot_process(started=green.NOW - 200)),
    ],
    "unit_file_is_loaded": [
        _bot_unit(need_daemon_reload="yes"),
        _bot_unit(fragment_path=""),
        lambda facts: facts.units[places.BOT].files.update({"/etc/systemd/system/mm-bot.service": None}),
    ],
    "unit_is_not_overridden": [
        lambda facts: facts.units[places.BOT].files.update(
            {f"/etc/systemd/system/{places.BOT}.d/override.conf": facts.paths[places.SETTINGS]}
        ),
    ],
    "process_is_newer_than_its_files": [
        change_path(places.SETTINGS, ctime=green.NOW - 60),
        change_path(places.CURRENT, ctime=green.NOW - 60),
    ],
    "unit_journal_has_no_errors": [_bot_unit(errors=["failed"])],
    "unit_is_hardened": [
        lambda facts: setattr(facts.exposure[places.BOT], "score", 9.2),
        lambda facts: setattr(facts.exposure[places.BOT], "score", None),
    ],
    "no_unit_has_failed": [lambda facts: facts.failed_units.append("cron.service")],
    "file_is_as_rendered": [
        lambda facts: facts.paths.update({places.SETTINGS: None}),
        change_path(places.SETTINGS, mode="0644"),
        change_path(places.SETTINGS, owner="mm-bot"),
        change_path(places.SETTINGS, group="root"),
        change_path(places.SETTINGS, sha256="0" * 64),
        change_path(places.SETTINGS, kind="link"),
        change_path(green.CREDENTIAL, sha256="0" * 64),
    ],
    "directory_is_as_declared": [change_path(places.CREDENTIALS, mode="0755"), change_path(places.RULES, kind="file")],
    "directory_has_no_strays": [lambda facts: facts.entries[places.RULES].append(f"{places.RULES}/notes.txt")],
    "secrets_are_private": [
        change_path(green.WEBHOOK_TOKEN, mode="0644"),
        change_path(green.CREDENTIAL, owner="mm-bot"),
        change_path(places.CREDENTIALS, mode="0750"),
    ],
    "account_cannot_log_in": [
        lambda facts: setattr(facts.accounts[places.BOT_USER], "shell", "/bin/bash"),
        lambda facts: facts.accounts.update({places.BOT_USER: None}),
    ],
    "account_is_in_its_groups": [lambda facts: facts.accounts[places.STORE_USER].groups.clear()],
    "package_is_installed": [lambda facts: facts.packages.clear()],
    "vendor_package_is_pinned": [
        lambda facts: facts.packages.update({"alloy": "1.19.2-1"}),
        lambda facts: facts.packages.pop("alloy"),
        lambda facts: facts.held.clear(),
    ],
    "program_is_the_pinned_one": [
        change_path(green.PROGRAM, sha256="0"),
        change_path(green.PROGRAM, mode="4755"),
        lambda facts: facts.paths.update({green.PROGRAM: None}),
    ],
    "stamp_is_there": [lambda facts: facts.errors.update(stamp="FileNotFoundError")],
    "stamp_is_of_this_checkout": [
        lambda facts: facts.stamp.files.pop(places.SETTINGS),
        lambda facts: facts.stamp.files.update({"/etc/other": StampedFile(sha256="0")}),
        lambda facts: facts.stamp.files.update({places.SETTINGS: StampedFile(sha256="0")}),
    ],
    "current_is_the_stamped_release": [
        _set(lambda facts: facts.release, target="releases/1.3.0+0000000"),
        _set(lambda facts: facts.release, target=None),
    ],
    "release_is_undamaged": [
        _set(lambda facts: facts.release, digest="e" * 64),
        _set(lambda facts: facts.release, error="cd: no such directory"),
    ],
    "process_runs_the_current_release": [
        _bot_process(releases=["1.3.0+0000000"]),
        _bot_process(releases=[]),
        _bot_process(releases=["1.3.0+0000000", green.RELEASE]),
    ],
    "process_files_still_exist": [_bot_process(deleted=["/opt/mm-bot/releases/x/lib.so"])],
    "build_id_agrees": [
        _set(lambda facts: facts.log, release="1.3.0+0000000"),
        _page("healthz", 200, json.dumps({"release": green.RELEASE, "commit": "other"})),
        _page("healthz", None),
    ],
    "port_belongs_to_its_unit": [
        lambda facts: facts.sockets.listeners.clear(),
        _set(lambda facts: facts.sockets.listeners[0], unit=None),
        _set(lambda facts: facts.sockets.listeners[0], unit=places.STORE),
        _listens("0.0.0.0", 9180, None),
    ],
    "nothing_of_ours_listens_elsewhere": [
        _listens("0.0.0.0", 9094, places.ALERTMANAGER),
        _listens(green.ADDRESS, 9094, places.ALERTMANAGER),
    ],
    "control_socket_is_private": [
        change_path(places.CONTROL_SOCKET, mode="0666"),
        change_path(places.CONTROL_SOCKET, owner="root"),
        change_path(places.CONTROL_SOCKET, kind="file"),
        lambda facts: facts.paths.update({places.CONTROL_SOCKET: None}),
    ],
    "no_drill_is_left_behind": [
        lambda facts: facts.entries[places.LOGS].append(f"{places.LOGS}/events-2026-11-21-drill-00.jsonl"),
        lambda facts: facts.timers.append("firedrill-restore-00.timer"),
        _listens(green.ADDRESS, places.RECEIVER_PORT, None),
    ],
    "bot_is_healthy": [_page("healthz", None, error="connection refused"), _page("healthz", 500)],
    "bot_is_ready": [_page("readyz")],
    "bot_answers_its_control_socket": [
        lambda facts: facts.bot.update(error="connection refused"),
        lambda facts: facts.bot.clear(),
    ],
    "quotes_rest_at_the_venue": [lambda facts: facts.bot.update(venue_orders=0), lambda facts: facts.bot.clear()],
    "bot_and_venue_agree_on_orders": [lambda facts: facts.bot.update(venue_orders=10)],
    "bot_runs_as_its_own_user": [_bot_process(user="root")],
    "store_is_ready": [_page("store_ready"), _page("store_ready", None, error="connection refused")],
    "rules_on_disk_are_the_expected": [
        lambda facts: facts.texts.clear(),
        lambda facts: facts.texts.update({green.RULE_FILE: ""}),
        lambda facts: facts.texts.update({green.RULE_FILE: "groups: [{"}),
        lambda facts: facts.texts.update({green.RULE_FILE: "groups: [{name: x}]"}),
    ],
    "rules_loaded_are_the_rules_on_disk": [
        _rules(green.rule("ETickError")),
        _rules(green.rule("ETickError"), green.rule("Watchdog"), green.rule("Watchdog")),
        _page("rules", 200, "not json"),
        _all(_rules(), lambda facts: facts.texts.clear()),
    ],
    "rules_are_healthy": [
        _rules(green.rule("ETickError", health="err", lastError="parse error"), green.rule("Watchdog")),
        _rules(),
    ],
    "rules_are_being_evaluated": [
        _rules(green.rule("ETickError", lastEvaluation="2026-11-21T11:50:00Z")),
        _rules(green.rule("ETickError", lastEvaluation="")),
        _rules(),
    ],
    "watchdog_reaches_alertmanager": [_page("alerts", 200, "[]"), _page("alerts", None)],
    "watchdog_is_not_silenced": [
        _page("alerts", 200, '[{"labels": {"alertname": "Watchdog"}, "status": {"silencedBy": ["5ilence"]}}]')
    ],
    "shipper_is_ready": [_page("shipper_ready"), _page("shipper_ready", None, error="connection refused")],
    "shipper_drops_no_line": [
        lambda facts: facts.http.update(shipper_metrics=green.shipper_page(dropped=3)),
        _page("shipper_metrics"),
    ],
    "shipper_has_read_to_the_end": [
        lambda facts: facts.http.update(shipper_metrics=green.shipper_page(unread=2_000_000)),
        _page("shipper_metrics", 200, ""),
    ],
    "store_can_write_what_it_takes": [
        _page("store_metrics", 200, "loki_ingester_wal_disk_full_failures_total 17\n"),
        _page("store_metrics", 200, ""),
    ],
    "alertmanager_is_ready": [_page("alertmanager_ready")],
    "alertmanager_config_is_the_one_on_disk": [
        lambda facts: facts.md5.update({places.ALERTMANAGER_CONFIG: "f" * 32}),
        lambda facts: facts.md5.update({places.ALERTMANAGER_CONFIG: None}),
        _page("alertmanager_metrics", None),
    ],
    "alertmanager_accepted_its_config": [
        _page("alertmanager_metrics", 200, "alertmanager_config_last_reload_successful 0\n"),
        _page("alertmanager_metrics", None),
    ],
    "heartbeat_is_fresh": [
        _set(lambda facts: facts.log, heartbeat_ts=green.NOW - 6),
        _set(lambda facts: facts.log, heartbeat_ts=None),
    ],
    "log_lines_are_json": [
        _set(lambda facts: facts.log, invalid=["hello"]),
        _set(lambda facts: facts.log, lines=0),
        _set(lambda facts: facts.log, error="no link"),
    ],
    "log_misses_no_line": [
        _set(lambda facts: facts.log, gaps=["run 00: 1 -> 3"]),
        _set(lambda facts: facts.log, error="no link"),
    ],
    "log_link_is_of_today": [
        _set(lambda facts: facts.log, target="events-2026-11-20.jsonl"),
        _set(lambda facts: facts.log, target=None, error="no link"),
    ],
    "journal_is_writable_by_the_bot": [lambda facts: facts.writable.update({places.JOURNAL: False})],
    "log_is_writable_by_the_bot": [lambda facts: facts.writable.update({places.LOG_LINK: False})],
    "log_rotation_is_valid": [
        lambda facts: facts.rotation.update({green.ROTATION: (0, "error: mm-bot:3 unknown option")}),
        lambda facts: facts.rotation.update({green.ROTATION: (127, "logrotate: not installed")}),
    ],
    "log_rotation_is_scheduled": [
        _set(lambda facts: facts.units[places.ROTATION_TIMER], active_state="inactive"),
        lambda facts: facts.units.pop(places.ROTATION_TIMER),
    ],
    "dashboards_are_those_of_the_release": [
        lambda facts: facts.dashboards.update({places.DASHBOARDS: ["mm-bot-orders.json differs"]}),
    ],
    "clock_agrees_with_the_operator": [
        _set(lambda facts: facts, clock_start=green.NOW + 9.6, clock_end=green.NOW + 10),
        _set(lambda facts: facts, clock_start=green.NOW - 10.4, clock_end=green.NOW - 10),
    ],
    "firewall_is_loaded": [
        lambda facts: setattr(facts, "firewall", "Error: No such file or directory"),
        lambda facts: setattr(facts, "firewall", facts.firewall.replace("0123", "3210")),
        lambda facts: setattr(facts, "firewall", f'table inet mmstack {{ comment "{green.FIREWALL}" }}'),
    ],
    "clock_is_kept_in_step": [_set(lambda facts: facts.clock, synchronised=False)],
    "disk_has_room": [
        lambda facts: setattr(facts.disks["/"], "free", 1 << 20),
        lambda facts: facts.disks.update({"/opt": None}),
    ],
    "disk_has_inodes": [lambda facts: setattr(facts.disks["/"], "inodes_free", 1)],
    "memory_is_available": [_set(lambda facts: facts.memory, available=1 << 20)],
}
"""Check name -> faults, each of which alone must make it red."""

NO_BOT = _bot_unit(main_pid=0)

SKIPPED: dict[str, Fault] = {
    "unit_is_not_restarting": NO_BOT,
    "process_is_newer_than_its_files": NO_BOT,
    "unit_journal_has_no_errors": NO_BOT,
    "process_runs_the_current_release": NO_BOT,
    "process_files_still_exist": NO_BOT,
    "bot_runs_as_its_own_user": NO_BOT,
    "nothing_of_ours_listens_elsewhere": lambda facts: facts.sockets.listeners.clear(),
    "quotes_rest_at_the_venue": lambda facts: facts.bot.update(quotes_enabled=False, venue_orders=0),
    "bot_and_venue_agree_on_orders": lambda facts: facts.bot.clear(),
    "clock_is_kept_in_step": _set(lambda facts: facts, container=True),
    "disk_has_inodes": lambda facts: setattr(facts.disks["/"], "inodes_total", 0),
}
"""Check name -> what leaves it nothing to look at."""
