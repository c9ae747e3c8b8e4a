"""A file of alert rules, in Loki's own format, read strictly: unknown keys and wrong types are refused.

Text in, rules and problems with their lines out. Templates are `{{ $labels.name }}` and
`{{ $value }}`, nothing more: what is not filled in here would reach a person at night as it stands.
Rules of others, which a Loki evaluates, may hold what only Loki knows: it is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from firedrill.logql import syntax as s
from firedrill.logql.parse import parse_metric
from firedrill.logql.text import duration, print_value

_TEMPLATE = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_LABEL_OF = re.compile(r"\$labels\.([A-Za-z_][A-Za-z0-9_]*)")
_LABEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RULE_KEYS = {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
_GROUP_KEYS = {"name", "interval", "rules"}
_LOKIS_GROUP_KEYS = {"limit", "query_offset", "labels", "remote_write", "source_tenants"}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong with a file, and where; line 0 is the file as a whole."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert. `hold` is its `for` and `keep` its `keep_firing_for`, in nanoseconds; `line` is where it
    begins, `expr_line` its query."""

    alert: str
    expr: str
    query: s.Metric
    hold: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    line: int
    expr_line: int
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Rules evaluated together, every `interval` nanoseconds (None: the ruler's own)."""

    name: str
    file: str
    interval: int | None
    rules: tuple[Rule, ...]


class _Bad(Exception):
    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def read_rules(text: str, file: str, foreign: bool = False) -> tuple[list[Group], list[Problem]]:
    """The groups of a file and everything wrong with it; a rule with a problem is left out.

    `foreign`: the file is for a Loki. Recording rules are left out then, other templates stay as they are.
    """
    problems: list[Problem] = []
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return [], [Problem(file, line, f"not YAML: {error.problem}")]
    if root is None:
        return [], [Problem(file, 0, "the file is empty: nothing would be watched")]
    try:
        top = _mapping(root, "a rule file", {"groups"})
        if "groups" not in top:
            raise _Bad(_line(root), "no `groups` in the file")
        groups = [group for node in _items(top["groups"], "groups") if (group := _group(node, file, problems, foreign))]
    except _Bad as bad:
        return [], [Problem(file, bad.line, bad.reason)]
    return groups, problems


def _group(node: yaml.Node, file: str, problems: list[Problem], foreign: bool) -> Group | None:
    try:
        parts = _mapping(node, "a group", _GROUP_KEYS | _LOKIS_GROUP_KEYS if foreign else _GROUP_KEYS)
        name = _text(parts, "name", node, "a group")
        interval = _duration(parts["interval"]) if "interval" in parts else None
        if interval == 0:
            raise _Bad(_line(parts["interval"]), "the interval must be longer than zero")
        rules = list(_items(parts.get("rules", node), f"rules of group {name}"))
    except _Bad as bad:
        problems.append(Problem(file, bad.line, bad.reason))
        return None
    kept = []
    for rule in rules:
        try:
            if foreign and _records(rule):
                continue
            kept.append(_rule(rule, foreign))
        except _Bad as bad:
            problems.append(Problem(file, bad.line, bad.reason))
    return Group(name, file, interval, tuple(kept))


def _records(node: yaml.Node) -> bool:
    """Whether this is a rule that records a series, and its query can be read."""
    if not isinstance(node, yaml.MappingNode) or "record" not in {str(key.value) for key, _ in node.value}:
        return False
    parts = _mapping(node, "a recording rule", {"record", "expr", "labels"})
    _query(parts, _text(parts, "record", node, "a rule"), node)
    return True


def _query(parts: Mapping[str, yaml.Node], name: str, node: yaml.Node) -> tuple[str, s.Metric, int]:
    """The text of a rule's query, its tree, and the line where it begins."""
    expr = _text(parts, "expr", node, f"the rule {name}")
    first = _line(parts["expr"]) + (1 if getattr(parts["expr"], "style", None) in ("|", ">") else 0)
    try:
        return expr, parse_metric(expr), first
    except s.QueryError as error:
        raise _Bad(first + error.line - 1, f"{name}: expr column {error.column}: {error.reason}") from None


def _rule(node: yaml.Node, foreign: bool) -> Rule:
    parts = _mapping(node, "a rule", _RULE_KEYS)
    alert = _text(parts, "alert", node, "a rule")
    expr, query, first = _query(parts, alert, node)
    hold, keep = (_duration(parts[key]) if key in parts else 0 for key in ("for", "keep_firing_for"))
    labels, annotations = (_texts(parts.get(key), key, foreign) for key in ("labels", "annotations"))
    return Rule(alert, expr.strip(), query, hold, labels, annotations, _line(node), first, keep)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _mapping(node: yaml.Node, what: str, known: set[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _Bad(_line(node), f"{what} must be a mapping with {', '.join(sorted(known))}")
    parts: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value not in known:
            raise _Bad(_line(key), f"unknown key {key.value!r} in {what}; known are {', '.join(sorted(known))}")
        if key.value in parts:
            raise _Bad(_line(key), f"{key.value!r} is given twice in {what}")
        parts[key.value] = value
    return parts


def _items(node: yaml.Node, what: str) -> Iterator[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _Bad(_line(node), f"{what}: a list with at least one entry is needed")
    yield from node.value


def _text(parts: Mapping[str, yaml.Node], key: str, node: yaml.Node, what: str) -> str:
    if key not in parts:
        raise _Bad(_line(node), f"{what} has no `{key}`")
    value = parts[key]
    if not isinstance(value, yaml.ScalarNode) or not value.value.strip():
        raise _Bad(_line(value), f"`{key}` of {what} must be a text")
    return str(value.value)


def _duration(node: yaml.Node) -> int:
    try:
        return duration(str(node.value)) if str(node.value) != "0" else 0
    except ValueError as error:
        raise _Bad(_line(node), str(error)) from None


def _texts(node: yaml.Node | None, what: str, foreign: bool) -> dict[str, str]:
    """Labels or annotations: names to texts whose templates can all be filled in, unless they are Loki's business."""
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise _Bad(_line(node), f"{what} must be a mapping")
    for key, value in node.value:
        if not _LABEL_NAME.fullmatch(str(key.value)) or not isinstance(value, yaml.ScalarNode):
            raise _Bad(_line(key), f"{what}: {key.value!r} must be a name with a text")
        for part in () if foreign else template_parts(value.value):
            if part != "$value" and not _LABEL_OF.fullmatch(part):
                known = "{{ $labels.<name> }} and {{ $value }}"
                raise _Bad(_line(value), f"not implemented: the template {{{{ {part} }}}}; there are {known}")
    return {str(key.value): str(value.value) for key, value in node.value}


def template_parts(text: str) -> list[str]:
    """What stands between the braces of each template in a text."""
    return [str(part) for part in _TEMPLATE.findall(text)]


def template_labels(text: str) -> set[str]:
    """Names of the labels that the templates of a text ask for."""
    return {found.group(1) for part in template_parts(text) if (found := _LABEL_OF.fullmatch(part))}


def fill(text: str, labels: Mapping[str, str], value: float) -> str:
    """A text with its templates filled in; an absent label is empty, as in Prometheus. Unknown ones stay."""

    def one(match: re.Match[str]) -> str:
        if found := _LABEL_OF.fullmatch(match.group(1)):
            return labels.get(found.group(1), "")
        return print_value(value) if match.group(1) == "$value" else match.group()

    return _TEMPLATE.sub(one, text)
