r"""Every jq and grep line of the runbook, letter by letter, and how it is run over a log file.

Only two things of a line change: the name of its file, and `tail -f`, which would wait for ever, becomes `cat`.

Two lines need words that older versions of jq have not: 1.8 brought `abs`, so Debian's 1.6 and 1.7 are told of it in
~/.jq as `HOME_JQ` says; 1.6 refuses an operator in an object's value without parentheses, and gets them.
The daily analysis divides by the number of exits of each market, so it wants the lines of markets that were left; those
without a market are one more group for it (`grep '"market":"' events.jsonl`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests import seed_programs

HOME_JQ = "def abs: if . < 0 then -. else . end;\n"

STATE_CHANGES = """tail -f paper_mode.log | grep '"action":"state_change"'"""
QUOTES = """tail -f paper_mode.log | grep '"action":"quote_place"'"""
TP_OF_QUOTES = (
    """tail -f paper_mode.log | jq 'select(.action=="quote_place" and .state!="FLAT") | {market, vwap, tp, price}'"""
)
FILLS = """tail -f live_1market.log | grep -E '(FILL|REALIZE|sweet_spot_exit|state_change)'"""
TP_DRIFT = (
    """tail -f live.log | jq 'select(.action=="quote_place" and .state!="FLAT" and (.tp - (.vwap + 0.07) | abs) > """
    r"""0.005) | "\u001b[31mTP DRIFT: \(.market) vwap=\(.vwap) tp=\(.tp)\u001b[0m"'"""
)
GATE_BREACH = (
    """tail -f live.log | jq 'select(.action=="FILL" and ((.price < 0.48) or (.price > 0.65))) | """
    r""""\u001b[31mPRICE GATE BREACH: \(.market) \(.action) @ \(.price)\u001b[0m"'"""
)
BREAKER = """tail -f live.log | grep -E '"(cb_soft|cb_hard)"' --color=always"""
DAILY_ANALYSIS = f"cat live.log | jq -s '{seed_programs.DAILY_ANALYSIS}'"
DRIFT_CHECK = "grep state_change live.log"
COOLDOWN_CHECK = "grep -A2 sweet_spot_exit live.log | grep quote_place"
LEAK_CHECK = """jq 'select(.state=="SKEW_LONG" and .side=="bid")' live.log"""
BREAKER_CHECK = "grep cb_soft live.log | jq .cancels_30"
SUCCESS_METRICS = f"cat live.log | jq -s '{seed_programs.SUCCESS_METRICS}'"
REVIEW = "grep -E '(STARTUP|TP Offset|state_change)' paper.log"
LEAVING = """cat paper.log | jq 'select(.action | test("exit|trim|cb_"))' | head -20"""

_FILE = re.compile(r"\b(paper_mode|paper|live_1market|live)\.log\b")
_QUOTIENT = re.compile(r"(\(\[.*?\] \| add / length\) / 60),")


def said(line: str, log: Path) -> str:
    """What a line of the runbook prints over this log. grep may find nothing; jq may not fail."""
    home = log.parent / "home"
    home.mkdir(exist_ok=True)
    (home / ".jq").write_text(HOME_JQ)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command(line)],
        cwd=log.parent,
        env={**os.environ, "HOME": str(home), "LOG": log.name},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr or done.returncode not in (0, 1, 141):  # nothing found; `head` had enough
        raise AssertionError(f"{line}\nended {done.returncode}: {done.stderr}")
    return done.stdout


def command(line: str) -> str:
    """The line as it is run here, on the file that $LOG names."""
    once = _FILE.sub('"$LOG"', line.replace("tail -f ", "cat "))
    return _QUOTIENT.sub(r"(\1),", once) if _too_old_for_quotients() else once


def objects(text: str) -> list[Any]:
    """Everything that jq printed, or the lines that grep did."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        value, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        found.append(value)
    return found


def _too_old_for_quotients() -> bool:
    return subprocess.run(["jq", "-n", '{"a": 4 / 2}'], capture_output=True, check=False).returncode != 0
