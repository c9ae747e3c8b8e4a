"""The stages of a log query as SQL expressions over the columns of one log line.

The relation read is named `lines` and has the columns ts (nanoseconds), seq (order of reading),
line (the text), doc (the text again, NULL where it is no JSON object), one column for each stream
label, and those for what is read of the line's JSON (`columns.py`). Where the lines come from is the
store's business. A stage whose result is used often adds a column of its own, p0, p1 ..., in a
SELECT around the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from firedrill.logql import extract, filters, json_fields, quote
from firedrill.logql import syntax as s
from firedrill.logql.columns import OBJECT, Field, Fields
from firedrill.logql.filters import DETAILS, ERROR, Error, changed, error_details, first_error, text_condition
from firedrill.logql.json_fields import EXTRACTED
from firedrill.logql.template_sql import compile_template
from firedrill.logql.text import json_path

ABSENT = "NULL::VARCHAR"
_ENTRIES = "STRUCT(k VARCHAR, v VARCHAR)[]"
_WRITTEN = "doc"


@dataclass(frozen=True, slots=True)
class _Fields:
    """Labels whose names depend on the line: one of them by name, and all of them as {k, v} entries.

    `beside`: they may have the name of a stream label that the line's own stream lacks.
    """

    one: Callable[[str, bool], str]
    entries: Callable[[], str]
    beside: bool = False


@dataclass(slots=True)
class Pipeline:
    """What the stages seen so far make of a line.

    `source`: the relation so far, `where`: conditions on it. `line`: expression of the text. `named`:
    expression of each label that is not simply the stream's. `fields`: labels with open names.
    `error`: expression of the label __error__, None while there can be none. `details`: that of
    __error_details__ once it does not simply follow from the error. `value`: expression of the unwrapped number,
    `unwrapped` its label. `asked`: what is read of the lines as they were written. `few`: labels are wanted of few
    lines only, so that all their fields are better read from the text of those.
    """

    stream: Sequence[str]
    asked: Fields = field(default_factory=Fields)
    few: bool = False
    source: str = "lines"
    where: list[str] = field(default_factory=list)
    line: str = "line"
    named: dict[str, Callable[[bool], str]] = field(default_factory=dict)
    fields: list[_Fields] = field(default_factory=list)
    error: Error | None = None
    details: str | None = None
    value: str | None = None
    unwrapped: str | None = None
    _doc: str = _WRITTEN
    _columns: int = 0

    @property
    def open(self) -> bool:
        """Whether the names of the labels depend on the lines."""
        return bool(self.fields)

    def label(self, name: str, as_number: bool = False) -> str:
        """SQL text of a label's value: NULL when the line has no such label.

        `as_number`: only its number is asked for, so the digits may be DuckDB's, which is faster.
        """
        if name == ERROR:
            return str(self.error or "''")
        if name == DETAILS:
            return self.details or error_details(self.error)
        if name in self.named:
            return self.named[name](as_number)
        found = [fields.one(name, as_number) for fields in self.fields if fields.beside or name not in self.stream]
        if name in self.stream:
            found = [quote.name(name), *found]
        return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0] if found else ABSENT

    def names(self) -> list[str]:
        """Labels every line may have, apart from those of the open forms."""
        known = [*self.stream, *(name for name in self.named if name not in self.stream)]
        return [name for name in known if name not in self.named or self.named[name](False) != ABSENT]

    def label_map(self, without: Sequence[str] = ()) -> str:
        """All labels of a line as one MAP, sorted by name."""
        of_error = [ERROR, DETAILS] if self.error else [DETAILS] if self.details else []
        pairs = ", ".join(f"{{'k': {quote.text(n)}, 'v': {self._listed(n)}}}" for n in self.names() + of_error)
        entries = f"[{pairs}]::{_ENTRIES}"
        if self.fields:
            entries = f"list_concat({entries}, {self._open_entries()})"
        dropped = "".join(f" AND e.k <> {quote.text(n)}" for n in without)
        kept = (
            f"list_filter({entries}, lambda e: e.v IS NOT NULL AND (e.v <> '' OR left(e.k, 7) <> '__error'){dropped})"
        )
        return f"map_from_entries(list_sort({kept}))"

    def _listed(self, name: str) -> str:
        """A label without what the open forms say, since they are listed beside it."""
        return quote.name(name) if name in self.stream and name not in self.named else self.label(name)

    def _open_entries(self) -> str:
        found = [fields.entries() for fields in self.fields]
        listed = found[0] if len(found) == 1 else f"logql_first_of_each(list_concat({', '.join(found)}))"
        known = "".join(f" AND e.k <> {quote.text(n)}" for n in self.named)
        return f"list_filter({listed}, lambda e: true{known})"

    def apply(self, stage: s.Stage, skip_json: bool = False) -> None:
        """Takes one more stage in. `skip_json`: no label is asked for, so Loki does not parse either."""
        match stage:
            case s.LineFilter():
                self.where.append(filters.line_condition(stage, self.line))
            case s.IpLine():
                self.where.append(filters.address_condition(stage, self.line))
            case s.Json() | s.Unpack():
                if not skip_json:
                    self._json(stage) if isinstance(stage, s.Json) else self._unpack()
            case s.Logfmt():
                self._logfmt(stage)
            case s.Regexp():
                self._regexp(stage)
            case s.Pattern():
                self._pattern(stage)
            case s.Decolorize():
                self._set_line(f"logql_decolorize({self.line})")
            case s.LineFormat():
                made = self._define(compile_template(stage.template, self.label, self.line))
                self.error = first_error(self.error, f"{made} IS NULL", "TemplateFormatErr")
                self._set_line(f"coalesce({made}, {self.line})")
            case s.LabelFormat():
                self._label_format(stage)
            case s.Keep() | s.Drop():
                self._keep(stage) if isinstance(stage, s.Keep) else self._drop(stage)
            case s.Unwrap():
                self._unwrap(stage)
            case _:
                condition, self.error = filters.label_condition(stage, self.label, self.error)
                self.where.append(condition)
                if isinstance(stage, s.TextTest) and (stage.name, stage.op, stage.value) == (ERROR, "=", ""):
                    self.error = None

    def _define(self, expression: str) -> str:
        """A new column of the relation, by its name."""
        column = f"p{self._columns}"
        where = f" WHERE {' AND '.join(self.where)}" if self.where else ""
        self.source = f"(SELECT *, {expression} AS {column} FROM {self.source}{where})"
        self.where, self._columns = [], self._columns + 1
        return column

    def _set_line(self, expression: str) -> None:
        self.line, self._doc = self._define(expression), ""

    def _document(self) -> str:
        if not self._doc:
            self._doc = self._define(json_fields.object_text(self.line))
        return self._doc

    def _set(self, name: str, expression: str) -> None:
        """A parsed label; where the line has none the label keeps what it was. Stream labels are not overwritten."""
        if name in self.stream:
            column, beside = quote.name(name), self.label(name)
            self.named[name] = lambda as_number: f"coalesce({column}, {expression}, {beside})"
            name, expression = name + EXTRACTED, f"CASE WHEN {column} IS NOT NULL THEN {expression} END"
        before = self.label(name)
        made = expression if before == ABSENT else f"coalesce({expression}, {before})"
        self.named[name] = lambda as_number: made

    def _json(self, stage: s.Json) -> None:
        doc = self._document()
        self.error = first_error(self.error, *_no_object(doc))
        if not stage.fields:
            self.fields.append(self._all_fields(doc))
        for label, path in stage.fields:
            steps = json_path(path)
            if label in self.stream:
                self._set(label, f"nullif({self._at_path(doc, steps, False)}, '')")
                continue
            self.named[label] = lambda as_number, steps=steps: self._at_path(doc, steps, as_number)  # type: ignore[misc]

    def _all_fields(self, doc: str) -> _Fields:
        def one(name: str, as_number: bool) -> str:
            key = self._unsuffixed(name)
            if doc == _WRITTEN:
                return self.asked.named(key, as_number)
            return json_fields.named(doc, key, as_number)

        def entries() -> str:
            if doc == _WRITTEN and not self.few:
                return self.asked.entries(self.stream)
            return json_fields.entries(doc, self.stream)

        return _Fields(one, entries)

    def _at_path(self, doc: str, steps: tuple[str | int, ...], as_number: bool) -> str:
        match steps:
            case (str() as key,) if doc == _WRITTEN:
                return self.asked.column(Field("path", key, as_number))
        return json_fields.at_path(doc, steps, as_number)

    def _unsuffixed(self, name: str) -> str:
        short = name.removesuffix(EXTRACTED)
        return short if short in self.stream else name

    def _open(self, entries: str) -> None:
        """Labels from a list of {k, v} entries that name them already as they are to be called."""
        raw = self._define(f"{entries}::{_ENTRIES}")
        column = self._define(f"logql_first_of_each({raw})")

        def one(name: str, as_number: bool) -> str:
            return f"list_filter({column}, lambda e: e.k = {quote.text(name)})[1].v"

        self.fields.append(_Fields(one, lambda: column, beside=True))

    def _taken(self) -> str:
        """The names of the stream labels that a line has, as a list."""
        return f"[{', '.join(f'CASE WHEN {quote.name(n)} IS NOT NULL THEN {quote.text(n)} END' for n in self.stream)}]"

    def _unpack(self) -> None:
        doc = self._document()
        self.error = first_error(self.error, *_no_object(doc))
        self._open(json_fields.packed(doc, self.stream))
        self._set_line(json_fields.packed_line(doc, self.line))

    def _logfmt(self, stage: s.Logfmt) -> None:
        if stage.strict:
            self.error = first_error(self.error, extract.logfmt_broken(self.line), "LogfmtParserErr")
        entries = extract.logfmt_entries(self.line, stage.keep_empty or bool(stage.fields))
        if not stage.fields:
            suffix = f"CASE WHEN list_contains({self._taken()}, e.k) THEN '{EXTRACTED}' ELSE '' END"
            self._open(f"list_transform({entries}, lambda e: {{'k': e.k || {suffix}, 'v': e.v}})")
            return
        column = self._define(f"{entries}::{_ENTRIES}")
        for label, key in stage.fields:
            self._set(label, f"coalesce(list_filter({column}, lambda e: e.k = {quote.text(key)})[1].v, '')")

    def _regexp(self, stage: s.Regexp) -> None:
        wanted = quote.text(stage.pattern)
        listed = ", ".join(f"'g{n}'" for n in range(1, len(extract.groups(stage.pattern)) + 1))
        found = f"regexp_extract({self.line}, {wanted}, [{listed}])"
        column = self._define(f"CASE WHEN regexp_matches({self.line}, {wanted}) THEN {found} END")
        for name, number in extract.named_groups(stage.pattern):
            self._set(name, f"{column}.g{number}")

    def _pattern(self, stage: s.Pattern) -> None:
        pattern, names = extract.pattern_regexp(extract.pattern_parts(stage.text))
        listed = ", ".join(f"'g{n}'" for n in range(1, len(names) + 1))
        column = self._define(f"regexp_extract({self.line}, {quote.text(pattern)}, [{listed}])")
        for number, name in enumerate(names, 1):
            if name != "_":
                self._set(name, f"nullif({column}.g{number}, '')")

    def _label_format(self, stage: s.LabelFormat) -> None:
        """One part after the other, but all templates see the labels as the first of them found them."""
        seen: dict[str, str] = {}

        def as_found(name: str) -> str:
            return seen.get(name) or self.label(name)

        for part in stage.parts:
            if isinstance(part.value, str):
                self._name(part.name, f"coalesce({self.label(part.value)}, {self.label(part.name)})")
                self._name(part.value, ABSENT)
                continue
            if not seen:
                changed = [*(p.name for p in stage.parts), *(p.value for p in stage.parts if isinstance(p.value, str))]
                seen = {name: self.label(name) for name in changed}
            column = self._define(compile_template(part.value, as_found, self.line))
            self.error = first_error(self.error, f"{column} IS NULL", "TemplateFormatErr")
            self._name(part.name, f"coalesce({column}, {self.label(part.name)})")

    def _name(self, name: str, expression: str) -> None:
        self.named[name] = lambda as_number: expression

    def _keep(self, stage: s.Keep) -> None:
        kept: dict[str, str] = {}
        for pick in stage.picks:
            if pick.name == ERROR:  # kept without being asked for
                continue
            label = self.label(pick.name)
            chosen = f"CASE WHEN {text_condition(label, pick.op, pick.value)} THEN {label} END" if pick.op else label
            kept[pick.name] = f"coalesce({chosen}, {kept[pick.name]})" if pick.name in kept else chosen
        self.fields = []
        self.named = {name: lambda as_number: ABSENT for name in self.stream}
        for name, expression in kept.items():
            self.named[name] = lambda as_number, expression=expression: expression  # type: ignore[misc]

    def _drop(self, stage: s.Drop) -> None:
        for pick in stage.picks:
            if pick.name == DETAILS:
                self.details = "''"
                continue
            if pick.name == ERROR:
                self.details = self.label(DETAILS)
                condition = text_condition(self.label(ERROR), pick.op or "=", pick.value)
                left = changed(f"CASE WHEN {condition} THEN '' ELSE {self.error} END")
                self.error = left if pick.op and self.error else None
                continue
            label = self.label(pick.name)
            kept = ABSENT
            if pick.op:
                kept = f"CASE WHEN {text_condition(label, pick.op, pick.value)} THEN NULL ELSE {label} END"
            self.named[pick.name] = lambda as_number, kept=kept: kept  # type: ignore[misc]

    def _unwrap(self, stage: s.Unwrap) -> None:
        label = self.label(stage.name, as_number=True)
        self.unwrapped = stage.name
        self.where.append(f"coalesce({label}, '') <> ''")
        self.value = filters.number(label, stage.unit)
        made = f"{self.value} IS NOT NULL"
        self.error = first_error(self.error, f"{self.value} IS NULL", "SampleExtractionErr", made)


def _no_object(doc: str) -> tuple[str, str, str]:
    """When the line is no JSON object, the error that is then, and when it is one."""
    if doc == _WRITTEN:
        return f"NOT {OBJECT}", "JSONParserErr", OBJECT
    return f"{doc} IS NULL", "JSONParserErr", f"{doc} IS NOT NULL"
