"""Instant queries over the window, parsed and planned once and run many times: a ruler asks the same for ever."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import duckdb

from firedrill.logql import sql
from firedrill.logql.relation import Relation
from firedrill.store.engine import ask

CAPACITY = 256


@dataclass(slots=True)
class Prepared:
    """Statements of one connection by the text of their query; the least recently asked leaves first."""

    connection: duckdb.DuckDBPyConnection
    _known: OrderedDict[str, tuple[str, Relation]] = field(default_factory=OrderedDict)
    _made: int = 0

    def __contains__(self, query: str) -> bool:
        return query in self._known

    def add(self, query: str, compiled: sql.Compiled, lines: str) -> None:
        """`compiled` on `Grid.anywhere()`; `lines` is the relation it reads."""
        if len(self._known) >= CAPACITY:
            _, (oldest, _) = self._known.popitem(last=False)
            ask(self.connection, f"DEALLOCATE {oldest}")
        self._made += 1
        name = f"asked{self._made}"
        ask(self.connection, f"PREPARE {name} AS {compiled.over(lines)}")
        self._known[query] = name, compiled.relation

    def run(self, query: str, at: int) -> tuple[Relation, list[tuple[Any, ...]]]:
        """The relation of a known query and its rows at a time in nanoseconds."""
        self._known.move_to_end(query)
        name, relation = self._known[query]
        return relation, ask(self.connection, f"EXECUTE {name}({at})")
