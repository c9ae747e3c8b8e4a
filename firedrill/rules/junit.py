"""Results of rule tests as JUnit's XML, which build servers show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from firedrill.rules.rule_tests import Result


@dataclass(slots=True)
class Suite:
    """One test file. `error`: why it could not be run."""

    file: str
    results: list[Result] = field(default_factory=list)
    error: str = ""


def xml(suites: Sequence[Suite], shown: Sequence[Sequence[str]]) -> str:
    """`shown`: for each suite the text of each result's failures, in their order."""
    root = ElementTree.Element("testsuites")
    for suite, texts in zip(suites, shown, strict=True):
        _add(root, suite, texts)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(root: ElementTree.Element, suite: Suite, texts: Sequence[str]) -> None:
    failed = sum(bool(result.failures) for result in suite.results)
    seconds = sum(result.seconds for result in suite.results)
    counts = {"tests": len(suite.results) + bool(suite.error), "failures": failed, "errors": int(bool(suite.error))}
    attributes = {"name": suite.file, **{name: str(count) for name, count in counts.items()}, "time": f"{seconds:.3f}"}
    element = ElementTree.SubElement(root, "testsuite", attributes)
    for result, text in zip(suite.results, texts, strict=True):
        named = {"name": result.name, "classname": suite.file, "time": f"{result.seconds:.3f}"}
        case = ElementTree.SubElement(element, "testcase", named)
        if result.failures:
            message = f"{len(result.failures)} expectation(s) not met"
            ElementTree.SubElement(case, "failure", {"message": message}).text = text
    if suite.error:
        case = ElementTree.SubElement(element, "testcase", {"name": "the file itself", "classname": suite.file})
        ElementTree.SubElement(case, "error", {"message": "it could not be run"}).text = suite.error
