"""What real Loki 3.6.15 answered, kept beside the tests: one JSON line for each question."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from tests.firedrill.logql.differential.asking import Outcome

KEPT = Path(__file__).with_name("answers.jsonl.gz")


def read() -> dict[str, Outcome]:
    """Answers by the question's key."""
    rows = (json.loads(line) for line in gzip.decompress(KEPT.read_bytes()).decode().splitlines())
    return {row["question"]: row["answer"] for row in rows}


def write(answers: Mapping[str, Outcome]) -> None:
    rows = (json.dumps({"question": key, "answer": answer}, ensure_ascii=False) for key, answer in answers.items())
    KEPT.write_bytes(gzip.compress("\n".join(rows).encode(), mtime=0))
