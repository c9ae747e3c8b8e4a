"""A template as one SQL expression: its text, or NULL where Go would stop with an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firedrill.logql import quote
from firedrill.logql.template import Constant, Field, If, Joined, Node
from firedrill.logql.template_functions import Value, as_text, call, truth

Label = Callable[[str], str]


def compile_template(node: Node, label: Label, line: str) -> str:
    """SQL text of a template; `label` gives the expression of a label, `line` that of the line."""
    return as_text(_Compiler(label, line).value(node))


@dataclass(slots=True)
class _Compiler:
    label: Label
    line: str

    def value(self, node: Node) -> Value:
        match node:
            case Constant():
                return _constant(node.value)
            case Field():
                return Value(f"coalesce({self.label(node.name)}, '')", "text")
            case Joined():
                return Value(" || ".join(as_text(self.value(part)) for part in node.parts) or "''", "text")
            case If():
                then, otherwise = (as_text(self.value(part)) for part in (node.then, node.otherwise))
                test = truth(self.value(node.condition))
                return Value(f"CASE {test} WHEN TRUE THEN {then} WHEN FALSE THEN {otherwise} END", "text")
        if node.function == "__line__":
            return Value(self.line, "text")
        return call(node.function, [self.value(argument) for argument in node.arguments])


def _constant(value: str | int | float | bool) -> Value:
    match value:
        case bool():
            return Value(str(value).upper(), "bool")
        case int():
            return Value(str(value), "int")
        case float():
            return Value(quote.number(value), "float")
    return Value(quote.text(value), "text")
