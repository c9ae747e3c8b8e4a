"""Findings for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from firedrill.golive.judge import Finding
from firedrill.golive.phases import PHASES
from firedrill.report.period import Period, rfc3339
from firedrill.report.tables import number, table


def as_text(name: str, findings: Sequence[Finding], period: Period, queries: bool) -> str:
    """The verdict, a line for each criterion, then what stands in the way, what to do and the query to look at."""
    missing = sum(not finding.passed for finding in findings)
    verdict = "NO-GO" if missing else "GO"
    rows = [(one.verdict, one.criterion.name, _found(one), one.criterion.wanted) for one in findings]
    parts = [f"{name}: {verdict}", f"{period}", "", table(("verdict", "criterion", "found", "wanted"), rows, left=4)]
    parts += _details(findings, period, queries)
    if missing:
        parts += ["", f"{missing} of {len(findings)} criteria stand in the way of {PHASES[name].next}."]
    else:
        parts += ["", f"Nothing stands in the way of {PHASES[name].next}."]
    return "\n".join(parts)


def _details(findings: Sequence[Finding], period: Period, queries: bool) -> Iterator[str]:
    for one in findings:
        if one.passed and not queries:
            continue
        yield from ("", f"{one.criterion.name}: {one.verdict}")
        if one.verdict == "cannot tell":
            yield f"  why    {one.criterion.lacking}"
        elif not one.passed:
            yield f"  do     {one.criterion.remedy}"
        yield f"  query  {one.query}"


def as_json(name: str, findings: Sequence[Finding], period: Period) -> str:
    """{phase, go, from, to, next, criteria: [{name, verdict, found, of, unit, wanted, query, do, why}]}.

    `found` is the worst value, null where the logs hold none; `of` the labels it has; `why` what the logs lack.
    """
    criteria = [
        {
            "name": one.criterion.name,
            "verdict": one.verdict,
            "found": one.value,
            "of": one.of,
            "unit": one.criterion.unit,
            "wanted": one.criterion.wanted,
            "query": one.query,
            "do": one.criterion.remedy if one.verdict == "NO-GO" else None,
            "why": one.criterion.lacking if one.verdict == "cannot tell" else None,
        }
        for one in findings
    ]
    go = all(finding.passed for finding in findings)
    head = {"phase": name, "go": go, "from": rfc3339(period.start), "to": rfc3339(period.end)}
    return json.dumps({**head, "next": PHASES[name].next, "criteria": criteria}, indent=2)


def _found(finding: Finding) -> str:
    whose = ", ".join((finding.of or {}).values())
    return number(finding.value, finding.criterion.unit) + (f" ({whose})" if whose else "")
