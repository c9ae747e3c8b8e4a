"""Fields of a JSON line as SQL expressions over `doc`, the text of a JSON object or NULL.

A number keeps the digits it is written with; DuckDB alone would print 1e3 as 1000.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from firedrill.logql import quote

EXTRACTED = "_extracted"
_PLAIN = "regexp_replace(replace(substr(fullkey, 3), '\"', ''), '[^A-Za-z0-9_]', '_', 'g')"
_FLAT_NAME = f"regexp_replace({_PLAIN}, '^([0-9])', '_\\1')"
_FLAT_LEAF = (
    "type NOT IN ('OBJECT', 'ARRAY', 'NULL') AND key IS NOT NULL"
    " AND NOT contains(regexp_replace(fullkey, '\"[^\"]*\"', '', 'g'), '[')"
)
_NUMBER = "\\s*:\\s*(-?[0-9][0-9.eE+-]*)"


def _value(doc: str) -> str:
    """Text of one leaf of json_tree."""
    written = f"regexp_extract({doc}, '\"' || regexp_escape(key) || '\"{_NUMBER}', 1)"
    same = f"TRY_CAST({written} AS DOUBLE) = TRY_CAST(atom ->> '$' AS DOUBLE)"
    return f"CASE WHEN type = 'DOUBLE' AND {same} THEN {written} ELSE atom ->> '$' END"


def at_path(doc: str, steps: tuple[str | int, ...], as_number: bool, found: str | None = None) -> str:
    """The expression form: empty where the path leads nowhere, NULL where the line is no JSON object.

    `found`: the text at the path, where it has been read already.
    """
    found = found or f"json_extract_string({doc}, {quote.path(steps)})"
    found = found if as_number else as_written(doc, found, steps[-1])
    return f"coalesce({found}, CASE WHEN {doc} IS NOT NULL THEN '' END)"


def named(doc: str, key: str, as_number: bool) -> str:
    """One label of the all-fields form, NULL where no field flattens to its name."""
    found = direct(doc, key, as_number)
    if "_" not in key:
        return found
    return f"coalesce({found}, {nested(f'CASE WHEN {found} IS NULL THEN {doc} END', key)})"


def direct(doc: str, key: str, as_number: bool, found: str | None = None) -> str:
    """The text at a top-level key where it is no object or array. `found`: the text there, where that is known."""
    found = found or f"json_extract_string({doc}, {quote.path((key,))})"
    composed = f"json_type({doc}, {quote.path((key,))}) IN ('ARRAY', 'OBJECT')"
    plain = f"CASE WHEN left({found}, 1) IN ('[', '{{') AND {composed} THEN NULL ELSE {found} END"
    return plain if as_number else as_written(doc, plain, key)


def nested(doc: str, key: str) -> str:
    """The first field of an object that flattens to a name."""
    leaf = f"SELECT first({_value(doc)}) FROM json_tree({doc})"
    return f"({leaf} WHERE {_FLAT_LEAF} AND {_FLAT_NAME} = {quote.text(key)})"


def entries(doc: str, stream: Sequence[str]) -> str:
    """All fields as a list of {k, v}; where two flatten to one name the first stays."""
    taken = ", ".join(quote.text(name) for name in stream)
    name = f"{_FLAT_NAME} || CASE WHEN {_FLAT_NAME} IN ({taken}) THEN '{EXTRACTED}' ELSE '' END"
    leaves = f"SELECT {name} AS k, first({_value(doc)} ORDER BY id) AS v FROM json_tree({doc}) WHERE {_FLAT_LEAF}"
    return f"coalesce((SELECT list({{'k': k, 'v': v}}) FROM ({leaves} GROUP BY 1)), [])"


def packed(doc: str, stream: Sequence[str]) -> str:
    """Labels that a packed line carries as {k, v}, none when it has no text `_entry`."""
    clean = "regexp_replace(regexp_replace(key, '[^A-Za-z0-9_]', '_', 'g'), '^([0-9])', '_\\1')"
    taken = ", ".join(quote.text(name) for name in stream)
    name = f"{clean} || CASE WHEN {clean} IN ({taken}) THEN '{EXTRACTED}' ELSE '' END"
    texts = f"FROM json_each({doc}) WHERE type = 'VARCHAR' AND key <> '_entry'"
    listed = f"(SELECT list({{'k': {name}, 'v': value ->> '$'}}) {texts})"
    return f"CASE WHEN json_type({doc}, '$._entry') = 'VARCHAR' THEN coalesce({listed}, []) ELSE [] END"


def packed_line(doc: str, line: str) -> str:
    return f"CASE WHEN json_type({doc}, '$._entry') = 'VARCHAR' THEN {doc} ->> '$._entry' ELSE {line} END"


def object_text(line: str) -> str:
    """A text where it is a JSON object, else NULL."""
    return f"CASE WHEN left(ltrim({line}), 1) = '{{' AND json_valid({line}) THEN {line} END"


def as_written(doc: str, found: str, key: str | int) -> str:
    """The text `found` at a key, a number with the digits it is written with."""
    if isinstance(key, int):
        return found
    pattern = '"' + "".join(f"\\{c}" if not c.isalnum() and c.isascii() else c for c in key) + f'"{_NUMBER}'
    written = f"regexp_extract({doc}, {quote.text(pattern)}, 1)"
    number = f"TRY_CAST({found} AS DOUBLE)"
    # The search in the line is dear, so only a number gets there: a release has a dot too.
    fits = f"CASE WHEN {number} IS NOT NULL THEN TRY_CAST({written} AS DOUBLE) = {number} END"
    exponent = f"({found} BETWEEN '-' AND ':' AND contains({found}, 'e'))"
    return f"CASE WHEN (contains({found}, '.') OR {exponent}) AND {fits} THEN {written} ELSE {found} END"
