"""The command as an operator meets it: a real process, real signals, real files."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.events import LINE_PREFIX
from tests.bot.process import QUICK, Bot, Until, mm_bot


@pytest.fixture
def bot(tmp_path: Path, until: Until) -> Iterator[Bot]:
    subject = Bot(tmp_path, until)
    yield subject
    subject.close()


def test_a_run_from_start_to_sigterm(bot: Bot) -> None:
    bot.start_ready()
    bot.wait(lambda: len(bot.resting()) == 6, "two quotes in each of three markets")
    status = bot.ctl("status")
    assert status.keys() >= {"release", "commit", "mode", "ready", "quotes_enabled", "uptime_s", "positions"}
    assert status.keys() >= {"open_orders", "venue_orders", "pid", "run"}
    assert (status["mode"], status["commit"], list(status["positions"])) == ("paper", "source", ["BTC", "ETH", "SOL"])
    orders = bot.ctl("orders")
    assert {order["cloid"][2:10] for order in orders["venue"]} == {status["run"]}
    assert orders["venue"][0].keys() == {"market", "side", "price", "size", "cloid", "oid"}

    health = json.loads(bot.page("/healthz")[1])
    assert {name: health[name] for name in ("release", "commit", "run")} == {
        name: status[name] for name in ("release", "commit", "run")
    }
    assert "mm_bot_ready 1\n" in bot.page("/metrics")[1]

    assert bot.stop() == 0
    assert bot.resting() == []
    told = bot.events()
    assert told[0]["action"] == "startup"
    assert (told[-1]["action"], told[-1]["resting"], told[-1]["reason"]) == ("shutdown", 0, "SIGTERM")
    assert [event["n"] for event in told] == list(range(1, len(told) + 1))
    assert all(list(event)[: len(LINE_PREFIX)] == list(LINE_PREFIX) for event in told)
    assert not bot.socket.exists()


def test_after_kill_the_next_run_keeps_the_position_and_leaves_no_orphan(bot: Bot) -> None:
    bot.start_ready()
    first = bot.ctl("status")["run"]
    bot.wait(bot.positions, "a fill")
    bot.signal(signal.SIGKILL)
    bot.ended()
    left = bot.resting()
    assert left, "the exchange keeps what a killed bot left resting"

    bot.start_ready()
    bot.wait(lambda: bot.resting() and not {*left} & {*bot.resting()}, "no order of the first run rests")
    second = bot.ctl("status")["run"]
    assert second != first
    (reconcile,) = [event for event in bot.events("reconcile") if event["run"] == second]
    fills = [event["tid"] for event in bot.events("FILL")]
    assert len(fills) == len(set(fills)), "a trade is counted once, also across runs"
    assert reconcile["orphans"] + reconcile["adopted_fills"] >= 1
    assert not bot.events("reconcile_mismatch")
    bot.ctl("quotes", "off")
    bot.wait(lambda: not bot.resting(), "quotes are off the book")
    held = {market: size for market, size in bot.ctl("status")["positions"].items() if size}
    assert held == bot.positions()
    assert bot.stop() == 0


def test_the_kill_switch_by_hand_by_file_and_over_a_restart(bot: Bot) -> None:
    bot.start_ready()
    assert bot.ctl("quotes", "off") == {"quotes_enabled": False, "held_off_by": ["ctl"]}
    bot.wait(lambda: not bot.resting(), "quotes are off the book")
    assert bot.ready() == (200, []), "off on purpose is ready"

    bot.flag.touch()
    bot.signal(signal.SIGKILL)
    bot.ended()
    bot.start_ready()
    assert bot.ctl("status")["held_off_by"] == ["ctl", "file"]
    answer = bot.ctl("quotes", "on")
    assert answer["held_off_by"] == ["file"]
    assert str(bot.flag) in answer["error"]
    assert bot.resting() == []

    bot.flag.unlink()
    bot.wait(lambda: len(bot.resting()) == 6, "quotes are back")
    switched = [(event["on"], event["source"]) for event in bot.events("kill_switch")]
    assert switched == [(True, "ctl"), (True, "start"), (False, "file")]
    assert bot.stop() == 0


def test_a_reload_takes_what_may_change_and_says_the_rest(bot: Bot) -> None:
    bot.start_ready()
    bot.configure(QUICK + "DISABLE_NEW_QUOTES=true\nMARKETS=SOL\nTYPO=1\n")
    bot.signal(signal.SIGHUP)
    bot.wait(lambda: bot.events("reload"), "the reload is told")
    (told,) = bot.events("reload")
    assert told["changed"] == ["DISABLE_NEW_QUOTES"]
    assert [reason.split(":")[0] for reason in told["refused"]] == ["TYPO", "MARKETS"]
    bot.wait(lambda: not bot.resting(), "quotes are off the book")
    bot.configure(QUICK)
    bot.signal(signal.SIGHUP)
    bot.wait(lambda: len(bot.resting()) == 6, "quotes are back")
    assert [(event["on"], event["source"]) for event in bot.events("kill_switch")] == [
        (True, "reload"),
        (False, "reload"),
    ]


def test_faults_show_and_pass(bot: Bot) -> None:
    bot.start_ready()
    assert bot.ctl("fault", "tick_reject", "2") == {"fault": "tick_reject", "count": 2}
    bot.wait(lambda: len(bot.events("order_reject")) == 2, "two orders are refused")
    reject = bot.events("order_reject")[0]
    assert (reject["code"], reject["level"]) == ("E_TICK", "error")
    assert reject["reason"].startswith("Price must be divisible by tick size. asset=")

    bot.ctl("fault", "no_answer", "1")
    bot.wait(lambda: bot.events("order_unknown"), "an order's fate is unknown")
    bot.ctl("fault", "drop_feed", "60")
    bot.wait(lambda: bot.ready()[0] == 503, "a silent feed is not ready")
    assert "no price for" in bot.ready()[1][0]
    bot.wait(lambda: bot.events("feed_disconnect") and not bot.resting(), "quotes left the stale book")
    bot.ctl("fault", "drop_feed", "0")
    bot.wait(lambda: bot.ready()[0] == 200, "the feed is back")
    assert [event["fault"] for event in bot.events("fault_injected")] == [
        "tick_reject",
        "no_answer",
        "drop_feed",
        "drop_feed",
    ]
    assert "choose from" in bot.ctl("fault", "meteor")["error"]


def test_an_order_refused_for_its_price_is_sent_once_more_on_fresh_rules(bot: Bot) -> None:
    bot.start_ready()
    bot.ctl("fault", "tick_reject", "1")
    bot.wait(lambda: bot.events("retry_attempt"), "a refused order is sent once more")
    (refused,), (retry,) = bot.events("order_reject"), bot.events("retry_attempt")
    assert (retry["retry_of"], retry["attempt"], retry["code"]) == (refused["cloid"], 1, "E_TICK")
    bot.wait(lambda: [e for e in bot.events("order_ack") if e["cloid"] == retry["cloid"]], "the retry is taken")
    (sent,) = [event for event in bot.events("quote_place") if event["cloid"] == retry["cloid"]]
    assert sent["retry_of"] == refused["cloid"]
    assert {event["reason"] for event in bot.events("spec_refresh")} == {"e_tick"}
    assert not bot.events("retry_exhausted")
    lines = [refused["n"], min(event["n"] for event in bot.events("spec_refresh")), retry["n"], sent["n"]]
    assert lines == sorted(lines), "told in the order in which it went"


def test_the_service_manager_hears_of_it(bot: Bot, until: Until) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(bot.folder / "notify"))
        manager.settimeout(5)
        bot.notify_socket = str(bot.folder / "notify")
        bot.start()
        heard = [manager.recv(4096).decode()]
        assert heard[0].startswith("READY=1\nSTATUS=quoting BTC, ETH, SOL on paper")
        assert manager.recv(4096) == b"WATCHDOG=1"
        bot.signal(signal.SIGTERM)
        until(lambda: manager.recv(4096).startswith(b"STOPPING=1"), 5, "STOPPING is told")
        assert bot.ended() == 0


def test_a_second_bot_on_the_same_host_is_refused(bot: Bot) -> None:
    bot.start_ready()
    again = mm_bot("run", "--env", str(bot.env))
    assert again.returncode == 1
    assert "another mm-bot answers at" in again.stderr
    assert bot.ready()[0] == 200


def test_a_taken_port_is_one_line_and_nothing_half_done(bot: Bot) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", bot.port))
        taken.listen()
        refused = mm_bot("run", "--env", str(bot.env))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{bot.port}" in refused.stderr
    assert bot.events() == []
    assert not bot.socket.exists()


def test_a_log_dir_that_cannot_be_is_one_line(bot: Bot) -> None:
    (bot.folder / "log").write_text("a file where a folder should be")
    refused = mm_bot("run", "--env", str(bot.env))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: LOG_DIR: cannot make")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("run",), ("check",)])
def test_refused_settings_give_all_reasons_and_status_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    env = tmp_path / "mm-bot.env"
    env.write_text("MARKET=BTC\nHEALTH_PORT=x\n")
    refused = mm_bot(*words, "--env", str(env))
    assert refused.returncode == 2
    assert [line.split(":")[0].strip() for line in refused.stderr.splitlines()[1:]] == ["MARKET", "HEALTH_PORT"]


def test_check_prints_what_the_settings_come_to(bot: Bot) -> None:
    good = mm_bot("check", "--env", str(bot.env))
    assert good.returncode == 0
    assert "QUOTE_HALF_SPREAD_BPS=0.6" in good.stdout
    assert "SOL: finest tick 0.0001 (5 significant figures), lot 0.01" in good.stdout
    assert "1.5 bps maker" in good.stdout


def test_version_says_release_and_commit() -> None:
    said = mm_bot("version")
    assert said.stdout.split()[0] == "mm-bot"
    assert said.stdout.split()[2] == "source"


def test_nobody_to_ask_is_one_line(tmp_path: Path) -> None:
    nobody = mm_bot("ctl", "--socket", str(tmp_path / "control.sock"), "status")
    assert nobody.returncode == 1
    assert nobody.stderr.count("\n") == 1
    assert "is mm-bot running?" in nobody.stderr


def test_without_env_it_is_a_demo_in_this_folder(tmp_path: Path) -> None:
    shown = mm_bot("check", cwd=tmp_path)
    assert "LOG_DIR=mm-bot-demo/log" in shown.stdout
    absent = mm_bot("ctl", "status", cwd=tmp_path)
    assert "mm-bot-demo/control.sock" in absent.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2", "buy", "100.004", "1.2345", "--ask", "100"), {"price": "99.999", "size": "1.23"}),
        (("2", "sell", "99.9994", "1", "--bid", "100.00005"), {"price": "100.01", "size": "1"}),
        (("5", "buy", "100123.4", "0.00123"), {"price": "100123", "size": "0.00123"}),
        (("0", "sell", "0.0044105", "5000"), {"price": "0.004411", "size": "5000"}),
    ],
)
def test_quantize_prints_what_goes_over_the_wire(words: tuple[str, ...], said: dict[str, str]) -> None:
    sz_decimals, side, price, size, *best = words
    order = ["--side", side, "--price", price, "--size", size, *best]
    done = mm_bot("quantize", "--venue", "hyperliquid", "--sz-decimals", sz_decimals, *order)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == said


def test_quantize_refuses_what_leaves_nothing() -> None:
    order = ["--side", "buy", "--price", "10", "--size", "0.001"]
    done = mm_bot("quantize", "--venue", "hyperliquid", "--sz-decimals", "2", *order)
    assert done.returncode == 1
    assert "below the finest step" in done.stderr
