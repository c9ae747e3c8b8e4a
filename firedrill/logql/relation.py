"""Vectors as SQL relations: a step number `k`, the labels and the value `v`, a row for each sample.

Where the names of the labels are known from the query, each is a column ("static"); where they
depend on the lines, all are one MAP ("open"). Grouping and pairing work on either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.extract import replacement

LABELS = "labels"


def column(name: str) -> str:
    """The column that holds one label; empty text where a series has no such label."""
    return quote.name(f"l:{name}")


@dataclass(frozen=True, slots=True)
class Relation:
    """`names` lists the label columns; None when the labels are the MAP column `labels`."""

    sql: str
    names: tuple[str, ...] | None

    def columns(self) -> list[str]:
        return [LABELS] if self.names is None else [column(name) for name in self.names]

    def select(self) -> str:
        """The label columns as the head of a select list, with a comma behind."""
        return "".join(f"{item}, " for item in self.columns())

    def take(self, name: str) -> str:
        """One label's value, empty when absent."""
        if self.names is None:
            return f"coalesce({LABELS}[{quote.text(name)}], '')"
        return column(name) if name in self.names else "''"

    def open(self) -> Relation:
        """The same samples with the labels as one MAP."""
        if self.names is None:
            return self
        pairs = ", ".join(f"{{'k': {quote.text(n)}, 'v': {column(n)}}}" for n in sorted(self.names))
        entries = f"list_filter([{pairs}]::STRUCT(k VARCHAR, v VARCHAR)[], lambda e: e.v <> '')"
        return Relation(f"SELECT k, map_from_entries({entries}) AS {LABELS}, v FROM ({self.sql})", None)

    def widened(self, names: Sequence[str]) -> Relation:
        """The same samples with a column for each of `names`."""
        assert self.names is not None
        picked = "".join(f"{self.take(name)} AS {column(name)}, " for name in names)
        return Relation(f"SELECT k, {picked}v FROM ({self.sql})", tuple(names))

    def grouped(self, grouping: s.Grouping | None) -> tuple[str, tuple[str, ...] | None]:
        """Select list (with a comma behind) and names of the labels that a grouping leaves."""
        kept = grouping or s.Grouping(())
        if not kept.without:
            return "".join(f"{self.take(n)} AS {column(n)}, " for n in kept.names), kept.names
        if self.names is not None:
            names = tuple(n for n in self.names if n not in kept.names)
            return "".join(f"{column(n)}, " for n in names), names
        return f"{map_without(kept.names)} AS {LABELS}, ", None

    def top(self, agg: s.VectorAgg) -> Relation:
        """The highest (bottomk: lowest) samples of each group with all their labels; of equals the first in order."""
        picked, names = self.grouped(agg.grouping)
        keys = [f"g{n}" for n in range(len(names) if names is not None else 1)]
        groups = picked.removesuffix(", ").split(", ") if names else []
        if names is None:
            groups = [picked.removesuffix(f" AS {LABELS}, ")]
        made = [f"{group.partition(' AS ')[0]} AS {key}" for group, key in zip(groups, keys, strict=True)]
        order = f"isnan(v), v {'ASC' if agg.op == 'bottomk' else 'DESC'}"
        labels = ", ".join([f"{LABELS}::VARCHAR"] if self.names is None else map(column, sorted(self.names)))
        order = f"{order}, {labels}" if labels else order
        place = f"row_number() OVER (PARTITION BY {', '.join(['k', *keys])} ORDER BY {order}) AS place"
        rows = f"SELECT {', '.join(['*', *made])} FROM ({self.sql})"
        return Relation(
            f"SELECT k, {self.select()}v FROM (SELECT *, {place} FROM ({rows})) WHERE place <= {agg.parameter}",
            self.names,
        )

    def replaced(self, query: s.LabelReplace) -> Relation:
        """label_replace: the label set from another where the pattern matches all of that one's text."""
        pattern, source = quote.text(f"^(?s:{query.pattern})$"), self.take(query.source)
        new = quote.text(replacement(query.pattern, query.new))
        made = f"regexp_replace({source}, {pattern}, {new})"
        text = f"CASE WHEN regexp_matches({source}, {pattern}) THEN {made} ELSE {self.take(query.name)} END"
        if self.names is None:
            rest = f"list_filter(map_entries({LABELS}), lambda e: e.key <> {quote.text(query.name)})"
            added = f"list_append({rest}, {{'key': {quote.text(query.name)}, 'value': {text}}})"
            entries = f"list_sort(list_filter({added}, lambda e: e.value <> ''))"
            return Relation(f"SELECT k, map_from_entries({entries}) AS {LABELS}, v FROM ({self.sql})", None)
        names = tuple(sorted({*self.names, query.name}))
        picked = "".join(f"{text if n == query.name else column(n)} AS {column(n)}, " for n in names)
        return Relation(f"SELECT k, {picked}v FROM ({self.sql})", names)


def map_without(names: Sequence[str]) -> str:
    """The MAP `labels` without some names."""
    if not names:
        return LABELS
    listed = ", ".join(quote.text(name) for name in names)
    return f"map_from_entries(list_filter(map_entries({LABELS}), lambda e: e.key NOT IN ({listed})))"


def alike(left: Relation, right: Relation) -> tuple[Relation, Relation]:
    """Both relations with the same label columns."""
    if left.names is None or right.names is None:
        return left.open(), right.open()
    names = tuple(sorted({*left.names, *right.names}))
    return left.widened(names), right.widened(names)
