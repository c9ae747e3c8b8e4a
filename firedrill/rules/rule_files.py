"""Which files below a path are rules, and which have no business there.

Two layouts are known: a flat folder of rule files, as on a host, and the repository's folders,
one a family, with rules.yaml, tests.yaml and the runbooks. A stray file is a problem and not
passed over: Loki's ruler, given one, keeps its old rules and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from firedrill.logql.rules import Group, Problem, read_rules

RULES, TESTS = "rules.yaml", "tests.yaml"
ENDINGS = (".yaml", ".yml")


@dataclass(slots=True)
class RuleFiles:
    rules: list[Path] = field(default_factory=list)
    tests: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def stray(self, path: Path, why: str) -> None:
        self.problems.append(Problem(str(path), 0, why))


def find(path: Path) -> RuleFiles:
    """The rule files of a file, a flat folder, a family or a folder of families."""
    files = RuleFiles()
    if path.is_file():
        (files.tests if path.name == TESTS else files.rules).append(path)
    elif not path.is_dir():
        files.stray(path, "no such file or folder")
    elif (path / RULES).exists():
        _family(path, files)
    elif any(path.glob(f"*/{RULES}")):
        _families(path, files)
    else:
        _flat(path, files)
    if path.is_dir() and not files.rules and not files.problems:
        files.stray(path, "no rule file in it: nothing would be watched")
    return files


def _families(path: Path, files: RuleFiles) -> None:
    for entry in sorted(path.iterdir()):
        if entry.is_dir():
            _family(entry, files)
        elif entry.name != "README.md":
            files.stray(entry, "stray file: only README.md and one folder a family belong here")


def _family(path: Path, files: RuleFiles) -> None:
    if not (path / RULES).exists():
        files.stray(path, f"no {RULES} in this family")
    for entry in sorted(path.iterdir()):
        if entry.name == RULES:
            files.rules.append(entry)
        elif entry.name == TESTS:
            files.tests.append(entry)
        elif entry.suffix != ".md":
            files.stray(entry, f"stray file: a family has {RULES}, {TESTS} and runbooks (*.md)")


def _flat(path: Path, files: RuleFiles) -> None:
    for entry in sorted(path.iterdir()):
        if entry.is_file() and entry.suffix in ENDINGS:
            files.rules.append(entry)
        else:
            files.stray(entry, "stray file: a rules folder holds rule files (*.yaml) and nothing else")


def load(path: Path, foreign: bool = False) -> tuple[list[Group], list[Problem]]:
    """All groups below a path, and everything that is wrong there. `foreign`: a Loki's, not an embedded store's."""
    files = find(path)
    groups, problems = [], list(files.problems)
    for file in files.rules:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(file), 0, f"cannot be read: {error}"))
            continue
        found, wrong = read_rules(text, str(file), foreign)
        groups += found
        problems += wrong
    return groups, problems + duplicates(groups)


def duplicates(groups: list[Group]) -> list[Problem]:
    """Alerts whose name is taken already: silences and runbooks could not tell them apart."""
    first: dict[str, str] = {}
    problems = []
    for group in groups:
        for rule in group.rules:
            here = f"{group.file}:{rule.line}"
            if rule.alert in first:
                problems.append(Problem(group.file, rule.line, f"alert {rule.alert} is already in {first[rule.alert]}"))
            first.setdefault(rule.alert, here)
    return problems
