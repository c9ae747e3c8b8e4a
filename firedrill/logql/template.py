"""The templates of line_format and label_format, read: text, fields, calls and if/else.

What Go's text/template knows beyond that (variables, range, with, define) is refused by name, and
so is a function that `template_sql.py` has no form for. Nothing is evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from firedrill.logql.text import unquote

_ACTION = re.compile(r"\{\{(-\s)?(.*?)(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)"""
    r"""|(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"""
    r"""|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[()|])|(?P<odd>\S+))"""
)
_REFUSED = ("range", "with", "define", "template", "block", "break", "continue")


class TemplateError(ValueError):
    """A template that is wrong, or beyond what is implemented."""


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Field:
    """`.name`: the text of a label, empty when the line has none."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts written one behind the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node


Node = Constant | Field | Call | Joined | If


def read(text: str) -> Node:
    """The tree of a template; TemplateError says what cannot be read or is not implemented."""
    pieces = list(_pieces(text))
    node, rest = _sequence(pieces, 0)
    if rest < len(pieces):
        raise TemplateError(f"{{{{{pieces[rest].text}}}}} without its if")
    return node


def fields(node: Node) -> set[str]:
    """Names of the labels a template asks for."""
    match node:
        case Field():
            return {node.name}
        case Call():
            return set().union(*map(fields, node.arguments))
        case Joined():
            return set().union(*map(fields, node.parts))
        case If():
            return fields(node.condition) | fields(node.then) | fields(node.otherwise)
    return set()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text as it stands, or what is between the braces of one action."""

    text: str
    action: bool

    @property
    def word(self) -> str:
        return self.text.split(maxsplit=1)[0] if self.action and self.text.split() else ""


def _pieces(text: str) -> Iterator[_Piece]:
    at, trim = 0, False
    for found in _ACTION.finditer(text):
        before = text[at : found.start()]
        before = before.lstrip() if trim else before
        yield _Piece(before.rstrip() if found.group(1) else before, action=False)
        if not found.group(2).strip().startswith("/*"):
            yield _Piece(found.group(2).strip(), action=True)
        at, trim = found.end(), bool(found.group(3))
    rest = text[at:].lstrip() if trim else text[at:]
    if "{{" in rest:
        raise TemplateError("{{ without its }}")
    yield _Piece(rest, action=False)


def _sequence(pieces: list[_Piece], at: int) -> tuple[Joined, int]:
    """The nodes up to the end, or up to an else or end that belongs to an outer if."""
    parts: list[Node] = []
    while at < len(pieces):
        piece = pieces[at]
        if piece.word in ("else", "end"):
            break
        if piece.word == "if":
            node, at = _if(pieces, at, piece.text[2:])
            parts.append(node)
            continue
        if piece.action:
            parts.append(_pipeline(piece.text))
        elif piece.text:
            parts.append(Constant(piece.text))
        at += 1
    return Joined(tuple(parts)), at


def _if(pieces: list[_Piece], at: int, condition: str) -> tuple[If, int]:
    then, at = _sequence(pieces, at + 1)
    if at == len(pieces):
        raise TemplateError("an if without its {{ end }}")
    otherwise: Node = Joined(())
    if pieces[at].word == "else":
        rest = pieces[at].text[4:].strip()
        if rest.split(maxsplit=1)[:1] == ["if"]:
            otherwise, at = _if(pieces, at, rest[2:])
            return If(_pipeline(condition), then, otherwise), at
        otherwise, at = _sequence(pieces, at + 1)
        if at == len(pieces) or pieces[at].word != "end":
            raise TemplateError("an else without its {{ end }}")
    return If(_pipeline(condition), then, otherwise), at + 1


def _pipeline(text: str) -> Node:
    tokens = [(found.lastgroup or "", found.group(found.lastgroup or 0)) for found in _TOKEN.finditer(text)]
    node, rest = _commands(tokens, 0)
    if rest < len(tokens):
        raise TemplateError(f"unexpected {tokens[rest][1]!r}")
    return node


def _commands(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    """Commands joined by |: the result of each is the last argument of the next."""
    node, at = _command(tokens, at, ())
    while at < len(tokens) and tokens[at][1] == "|":
        node, at = _command(tokens, at + 1, (node,))
    return node, at


def _command(tokens: list[tuple[str, str]], at: int, piped: tuple[Node, ...]) -> tuple[Node, int]:
    if at == len(tokens):
        raise TemplateError("a value is missing")
    kind, word = tokens[at]
    if kind == "name" and word not in ("true", "false"):
        if word in _REFUSED:
            raise TemplateError(f"not implemented: {word} in a template")
        arguments: list[Node] = []
        at += 1
        while at < len(tokens) and tokens[at] not in (("mark", ")"), ("mark", "|")):
            argument, at = _operand(tokens, at)
            arguments.append(argument)
        return Call(word, (*arguments, *piped)), at
    if piped:
        raise TemplateError(f"{word!r} is no function, so nothing can be piped into it")
    return _operand(tokens, at)


def _operand(tokens: list[tuple[str, str]], at: int) -> tuple[Node, int]:
    kind, word = tokens[at]
    if word == "(":
        node, at = _commands(tokens, at + 1)
        if at == len(tokens) or tokens[at][1] != ")":
            raise TemplateError("( without its )")
        return node, at + 1
    match kind:
        case "string":
            return Constant(unquote(word)), at + 1
        case "number":
            return Constant(int(word) if word.lstrip("+-").isdigit() else float(word)), at + 1
        case "field":
            return Field(word[1:]), at + 1
        case "name":
            return (Constant(word == "true") if word in ("true", "false") else Call(word, ())), at + 1
    if word.startswith("$"):
        raise TemplateError("not implemented: variables in a template")
    raise TemplateError(f"unexpected {word!r}")
