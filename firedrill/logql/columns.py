"""What a query reads of the JSON of the lines as they were written, as columns of the relation `lines`.

A source of lines supplies each asked field in its own way: out of the text (`over_text`), or from a
column it already holds. Both give the same text. Fields of a line that a stage rewrote are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from firedrill.logql import json_fields, quote

OBJECT = '"line:object"'
"""The column that says whether a line is a JSON object."""
TREE = '"line:tree"'
"""The column that holds the line where its fields must be looked for in it, NULL where the columns are all of them."""
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Keys that need no quoting in a JSON path and are the name of their own label."""


@dataclass(frozen=True, slots=True)
class Field:
    """`form` path: the expression form of one top-level key; named: the text of one key where it is no object or
    array; all: all fields as entries {k, v}, NULL where TREE is not. `as_number`: only its number is asked for, so
    the digits may be DuckDB's."""

    form: str
    key: str = ""
    as_number: bool = False


@dataclass(slots=True)
class Fields:
    """The fields a statement asks for, each with the name of its column. `flat`: TREE is NULL for every line."""

    flat: bool = False
    columns: dict[Field, str] = field(default_factory=dict)

    def column(self, asked: Field) -> str:
        """The column that holds a field, as SQL; it is asked for from now on."""
        return self.columns.setdefault(asked, quote.name(f"line:{len(self.columns)}"))

    def named(self, key: str, as_number: bool) -> str:
        """One label of the all-fields form."""
        held = self.column(Field("named", key, as_number))
        if self.flat or "_" not in key:
            return held
        return f"coalesce({held}, {json_fields.nested(f'CASE WHEN {held} IS NULL THEN {TREE} END', key)})"

    def entries(self, stream: Sequence[str]) -> str:
        """All fields as {k, v}."""
        held = self.column(Field("all"))
        return held if self.flat else f"coalesce({held}, {json_fields.entries(TREE, stream)})"

    def names(self) -> list[str]:
        """All columns that a source must supply beside ts, seq, line, doc and the stream labels."""
        return [OBJECT, TREE, *self.columns.values()]

    def keys(self) -> list[str]:
        """Plain top-level keys that are read."""
        return sorted({asked.key for asked in self.columns if PLAIN.fullmatch(asked.key)})


def paths(keys: Sequence[str]) -> str:
    """A SQL list of the JSON paths of some keys: one look at the text finds them all."""
    return f"[{', '.join(quote.path((key,)) for key in keys)}]::VARCHAR[]"


def over_text(asked: Field, doc: str = "doc", found: str | None = None) -> str:
    """A field as an expression over `doc`; `found` is the text at its key where that is known already."""
    match asked.form:
        case "path":
            return json_fields.at_path(doc, (asked.key,), asked.as_number, found)
        case "named":
            return json_fields.direct(doc, asked.key, asked.as_number, found)
    return "NULL::STRUCT(k VARCHAR, v VARCHAR)[]"
