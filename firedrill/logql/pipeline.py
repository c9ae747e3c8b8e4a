"""The stages of a log query as SQL expressions over the columns of one log line.

The relation read is named `lines` and has the columns ts (nanoseconds), seq (order of reading),
line (the text), doc (the text again, NULL where it is no JSON object) and one column for each
stream label. Where the lines come from is the store's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.text import json_path

ERROR = "__error__"
EXTRACTED = "_extracted"
_PLAIN = "regexp_replace(replace(substr(fullkey, 3), '\"', ''), '[^A-Za-z0-9_]', '_', 'g')"
_FLAT_NAME = f"regexp_replace({_PLAIN}, '^([0-9])', '_\\1')"
_FLAT_LEAF = (
    "type NOT IN ('OBJECT', 'ARRAY', 'NULL') AND key IS NOT NULL"
    " AND NOT contains(regexp_replace(fullkey, '\"[^\"]*\"', '', 'g'), '[')"
)
_WRITTEN = "regexp_extract(doc, '\"' || regexp_escape(key) || '\"\\s*:\\s*(-?[0-9][0-9.eE+-]*)', 1)"
_VALUE = (
    f"CASE WHEN type = 'DOUBLE' AND TRY_CAST({_WRITTEN} AS DOUBLE) = TRY_CAST(atom ->> '$' AS DOUBLE)"
    f" THEN {_WRITTEN} ELSE atom ->> '$' END"
)


@dataclass(slots=True)
class Pipeline:
    """What the stages seen so far make of a line.

    `where`: conditions a line must meet. `named`: JSON paths of the expression form, by label.
    `error`: expression of the label __error__, None while there can be none. `value`: expression of
    the unwrapped number, `unwrapped` its label.
    """

    stream: Sequence[str]
    where: list[str] = field(default_factory=list)
    named: dict[str, tuple[str | int, ...]] = field(default_factory=dict)
    all_fields: bool = False
    error: str | None = None
    value: str | None = None
    unwrapped: str | None = None

    def label(self, name: str, as_number: bool = False) -> str:
        """SQL text of a label's value: NULL when the line has no such label.

        `as_number`: only its number is asked for, so the digits may be DuckDB's, which is faster.
        """
        if name == ERROR:
            return self.error or "''"
        if name in self.named:
            return self._path(self.named[name], as_number)
        if name in self.stream:
            return quote.name(name)
        return self._field(name, as_number) if self.all_fields else "NULL::VARCHAR"

    def names(self) -> list[str]:
        """Labels every line may have, apart from those of the all-fields form."""
        return [*self.stream, *self.named]

    def label_map(self, without: Sequence[str] = ()) -> str:
        """All labels of a line as one MAP, sorted by name."""
        pairs = ", ".join(
            f"{{'k': {quote.text(n)}, 'v': {self.label(n)}}}" for n in self.names() + ([ERROR] if self.error else [])
        )
        entries = f"[{pairs}]"
        if self.all_fields:
            entries = f"list_concat({entries}, {self._all_entries()})"
        dropped = "".join(f" AND e.k <> {quote.text(n)}" for n in without)
        kept = f"list_filter({entries}, lambda e: e.v IS NOT NULL AND (e.v <> '' OR e.k <> '{ERROR}'){dropped})"
        return f"map_from_entries(list_sort({kept}))"

    def apply(self, stage: s.Stage, skip_json: bool = False) -> None:
        """Takes one more stage in. `skip_json`: no label is asked for, so Loki does not parse either."""
        match stage:
            case s.LineFilter():
                self.where.append(line_condition(stage))
            case s.Json():
                if not skip_json:
                    self._json(stage)
            case s.Unwrap():
                self._unwrap(stage)
            case _:
                condition, self.error = self._test(stage, self.error)
                self.where.append(condition)
                if isinstance(stage, s.TextTest) and (stage.name, stage.op, stage.value) == (ERROR, "=", ""):
                    self.error = None

    def _json(self, stage: s.Json) -> None:
        self.error = _first_error(self.error, "doc IS NULL", "JSONParserErr")
        if not stage.fields:
            self.all_fields = True
        for label, path in stage.fields:
            name = label + EXTRACTED if label in self.stream else label
            self.named[name] = json_path(path)

    @staticmethod
    def _path(steps: tuple[str | int, ...], as_number: bool) -> str:
        found = f"json_extract_string(doc, {quote.path(steps)})"
        found = found if as_number else _with_number_text(found, steps[-1])
        return f"coalesce({found}, CASE WHEN doc IS NOT NULL THEN '' END)"

    def _field(self, name: str, as_number: bool) -> str:
        key = name.removesuffix(EXTRACTED) if name.removesuffix(EXTRACTED) in self.stream else name
        found = f"json_extract_string(doc, {quote.path((key,))})"
        nested = f"json_type(doc, {quote.path((key,))}) IN ('ARRAY', 'OBJECT')"
        direct = f"CASE WHEN left({found}, 1) IN ('[', '{{') AND {nested} THEN NULL ELSE {found} END"
        direct = direct if as_number else _with_number_text(direct, key)
        if "_" not in key:
            return direct
        tree = f"json_tree(CASE WHEN {found} IS NULL THEN doc END)"
        leaf = f"SELECT first({_VALUE}) FROM {tree} WHERE {_FLAT_LEAF} AND {_FLAT_NAME} = {quote.text(key)}"
        return f"coalesce({direct}, ({leaf}))"

    def _all_entries(self) -> str:
        taken = ", ".join(quote.text(n) for n in self.stream)
        name = f"{_FLAT_NAME} || CASE WHEN {_FLAT_NAME} IN ({taken}) THEN '{EXTRACTED}' ELSE '' END"
        listed = f"list({{'k': {name}, 'v': {_VALUE}}} ORDER BY id)"
        found = f"coalesce((SELECT {listed} FROM json_tree(doc) WHERE {_FLAT_LEAF}), [])"
        known = "".join(f" AND e.k <> {quote.text(n)}" for n in self.named)
        return f"list_filter({found}, lambda e: true{known})"

    def _unwrap(self, stage: s.Unwrap) -> None:
        label = self.label(stage.name, as_number=True)
        self.unwrapped = stage.name
        self.where.append(f"coalesce({label}, '') <> ''")
        self.value = f"TRY_CAST({label} AS DOUBLE)"
        self.error = _first_error(self.error, f"{self.value} IS NULL", "SampleExtractionErr")

    def _test(self, test: s.LabelTest, error: str | None) -> tuple[str, str | None]:
        """Condition of a label filter, and the expression of __error__ after it."""
        match test:
            case s.TextTest():
                label = (error or "''") if test.name == ERROR else self.label(test.name)
                return text_condition(label, test.op, test.value), error
            case s.NumberTest():
                return self._number_test(test, error)
            case s.BothTests("and"):
                left, error = self._test(test.left, error)
                right, error = self._test(test.right, error)
                return f"({left} AND {right})", error
        left, left_error = self._test(test.left, error)
        right, error = self._test(test.right, left_error)
        if error != left_error:
            before = left_error or "''"
            error = f"CASE WHEN {left} THEN {before} ELSE {error} END"
        return f"({left} OR {right})", error

    def _number_test(self, test: s.NumberTest, error: str | None) -> tuple[str, str | None]:
        label = self.label(test.name, as_number=True)
        value = f"TRY_CAST({label} AS DOUBLE)"
        op = {"==": "=", "!=": "<>"}.get(test.op, test.op)
        holds = f"coalesce({value} {op} {quote.number(test.value)} AND NOT isnan({value}), FALSE)"
        broken = f"({label} IS NOT NULL AND {value} IS NULL)"
        passes = f"({holds} OR {broken})" if not error else f"({error} <> '' OR {holds} OR {broken})"
        return passes, _first_error(error, broken, "LabelFilterErr")


def _first_error(error: str | None, condition: str, code: str) -> str:
    """__error__ once `condition` may add `code`; an earlier error stays."""
    if error is None:
        return f"CASE WHEN {condition} THEN '{code}' ELSE '' END"
    return f"CASE WHEN {error} <> '' THEN {error} WHEN {condition} THEN '{code}' ELSE '' END"


def _with_number_text(found: str, key: str | int) -> str:
    """A number keeps the digits it is written with: DuckDB would print 1e3 as 1000.0 and 2.50 as 2.5."""
    if isinstance(key, int):
        return found
    pattern = (
        '"'
        + "".join(f"\\{c}" if not c.isalnum() and c.isascii() else c for c in key)
        + '"\\s*:\\s*(-?[0-9][0-9.eE+-]*)'
    )
    written = f"regexp_extract(doc, {quote.text(pattern)}, 1)"
    fits = f"TRY_CAST({written} AS DOUBLE) = TRY_CAST({found} AS DOUBLE)"
    return f"CASE WHEN contains({found}, '.') AND {fits} THEN {written} ELSE {found} END"


def text_condition(label: str, op: str, value: str) -> str:
    """`label op value` where an absent label counts as an empty one. Patterns match the whole value."""
    wanted = quote.text(value)
    if op in ("=~", "!~"):
        return f"{'NOT ' if op == '!~' else ''}regexp_full_match(coalesce({label}, ''), {wanted}, 's')"
    if value == "":
        return f"coalesce({label}, '') {'=' if op == '=' else '<>'} ''"
    return f"{label} = {wanted}" if op == "=" else f"{label} IS DISTINCT FROM {wanted}"


def line_condition(stage: s.LineFilter) -> str:
    """|= and != look for text, |~ and !~ for a pattern anywhere in the line."""
    test = "regexp_matches" if stage.op in ("|~", "!~") else "contains"
    found = " OR ".join(f"{test}(line, {quote.text(value)})" for value in stage.values)
    return f"({found})" if stage.op in ("|=", "|~") else f"NOT ({found})"


def matcher_condition(matcher: s.Matcher, stream: Sequence[str]) -> str:
    """A matcher of the stream selector; a name that is no stream label is absent."""
    label = quote.name(matcher.name) if matcher.name in stream else "NULL::VARCHAR"
    return text_condition(label, matcher.op, matcher.value)
