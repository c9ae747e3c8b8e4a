"""A quick look at a few pages of a host, all at once; `main` reads everything, this only what is asked for."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from functools import partial

from firedrill.checks.probe.services import http_get

Fact = dict[str, object]


def at_once(questions: dict[str, Callable[[], object]]) -> tuple[Fact, dict[str, str]]:
    """Answers and errors, by name: one that hangs must not make the others wait."""
    facts: Fact = {}
    errors: dict[str, str] = {}
    threads = [
        threading.Thread(target=_answer, args=(name, question, facts, errors), daemon=True)
        for name, question in questions.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return facts, errors


def _answer(name: str, question: Callable[[], object], facts: Fact, errors: dict[str, str]) -> None:
    try:
        facts[name] = question()
    except Exception as error:  # noqa: BLE001  one unreadable fact must not hide all others; its checks go red
        errors[name] = f"{type(error).__name__}: {error}"


def pages(asked: dict[str, list[object]]) -> Fact:
    """The answer to one GET for each [address, port, path]."""
    return at_once({name: partial(http_get, str(a), int(str(p)), str(q)) for name, (a, p, q) in asked.items()})[0]


def main(request: dict[str, dict[str, list[object]]]) -> None:
    """Answer on standard output."""
    json.dump(pages(request["http"]), sys.stdout)
