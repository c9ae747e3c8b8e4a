"""The stages of a log query, and the places in its text that refusals name.

It knows nothing of SQL, of files, or of how the text was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from firedrill.logql.template import Node


class QueryError(Exception):
    """A query that cannot be answered: `line` and `column` (from 1) say where, `reason` says why."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True, slots=True)
class Place:
    line: int = 1
    column: int = 1

    def error(self, reason: str) -> QueryError:
        return QueryError(reason, self.line, self.column)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """`|= "a" or "b"`: any of `values` for |= and |~, none of them for != and !~."""

    op: str
    values: tuple[str, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class IpLine:
    """`|= ip("10.0.0.0/8")`: an address of the range stands in the line; != for none."""

    op: str
    pattern: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Json:
    """`| json` (no fields: all of them) or `| json name="path", ...`."""

    fields: tuple[tuple[str, str], ...] = ()
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Logfmt:
    """`| logfmt` (no fields: all pairs) or `| logfmt name="key", ...`, and its two flags."""

    fields: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    keep_empty: bool = False
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Regexp:
    """`| regexp "(?P<name>...)"`."""

    pattern: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`| pattern "<name> - <_>"`."""

    text: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Unpack:
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Decolorize:
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class LineFormat:
    template: Node
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class LabelPart:
    """`name=other` renames the label `other` (a text); `name="..."` sets it to a template's text."""

    name: str
    value: str | Node


@dataclass(frozen=True, slots=True)
class LabelFormat:
    parts: tuple[LabelPart, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Pick:
    """A label by name; with an `op` only where its value meets it."""

    name: str
    op: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    picks: tuple[Pick, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Drop:
    picks: tuple[Pick, ...]
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class TextTest:
    """`name op "value"` on a label, op one of = != =~ !~."""

    name: str
    op: str
    value: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class NumberTest:
    """`name op number` on a label, op one of == != > >= < <=. `unit`: duration (seconds), bytes or none."""

    name: str
    op: str
    value: float
    unit: str = ""
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class IpTest:
    """`name = ip("10.0.0.0/8")` on a label, op = or !=."""

    name: str
    op: str
    pattern: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class BothTests:
    """Two label tests joined by `op`: and | or."""

    op: str
    left: LabelTest
    right: LabelTest


LabelTest = TextTest | NumberTest | IpTest | BothTests
SingleTest = TextTest | NumberTest | IpTest


@dataclass(frozen=True, slots=True)
class Unwrap:
    """`| unwrap name`: the label's number becomes the sample; `unit` duration gives seconds, bytes bytes."""

    name: str
    unit: str = ""
    place: Place = field(default=Place(), compare=False)


Parser = Json | Logfmt | Regexp | Pattern | Unpack
Stage = LineFilter | IpLine | Parser | Decolorize | LineFormat | LabelFormat | Keep | Drop | LabelTest | Unwrap


def label_tests(test: LabelTest) -> Iterator[SingleTest]:
    """The single tests inside a label filter."""
    if isinstance(test, BothTests):
        yield from label_tests(test.left)
        yield from label_tests(test.right)
    else:
        yield test
