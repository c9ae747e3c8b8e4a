"""A run as JSON and as JUnit XML, written in one step: a reader finds the earlier report or this one, never half."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from xml.etree import ElementTree as Xml

import msgspec

from firedrill.runner.results import CheckResult, DrillResult, HostResult, Run


def as_json(run: Run) -> bytes:
    """{green, inventory, started_at, hosts: [{name, green, error, checks, skipped, drills, ...}]}, indented."""
    hosts = [{"green": host.green, **msgspec.to_builtins(host)} for host in run.hosts]
    report = {"green": run.green, "inventory": run.inventory, "started_at": run.started_at, "hosts": hosts}
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def as_junit(run: Run) -> bytes:
    """One suite a host; a check's class is HOST.checks, a drill's HOST.drills; an unreachable host is an error."""
    root = Xml.Element("testsuites", name="firedrill")
    for host in run.hosts:
        root.append(_suite(host))
    Xml.indent(root)
    document: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step. Raises OSError."""
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException:
        os.unlink(aside)
        raise


def _suite(host: HostResult) -> Xml.Element:
    red = sum(not check.ok for check in host.checks) + sum(not drill.ok for drill in host.drills)
    suite = Xml.Element(
        "testsuite",
        name=host.name,
        tests=str(len(host.checks) + len(host.skipped) + len(host.drills) + bool(host.error)),
        failures=str(red),
        errors=str(int(bool(host.error))),
        skipped=str(len(host.skipped)),
        time=f"{host.seconds:.3f}",
    )
    for check in host.checks:
        _case(suite, f"{host.name}.checks", check, check.ms / 1000)
    for skipped in host.skipped:
        case = Xml.SubElement(suite, "testcase", classname=f"{host.name}.checks", name=skipped.name, time="0")
        Xml.SubElement(case, "skipped", message=skipped.reason)
    for drill in host.drills:
        _case(suite, f"{host.name}.drills", drill, drill.steps[-1].at_s if drill.steps else 0.0)
    if host.error:
        case = Xml.SubElement(suite, "testcase", classname=host.name, name="examined", time="0")
        Xml.SubElement(case, "error", message=host.error)
    return suite


def _case(suite: Xml.Element, room: str, item: CheckResult | DrillResult, seconds: float) -> None:
    case = Xml.SubElement(suite, "testcase", classname=room, name=item.name, time=f"{seconds:.3f}")
    if not item.ok:
        failure = Xml.SubElement(case, "failure", message=f"found {item.found}, expected {item.expected}")
        failure.text = f"found: {item.found}\nexpected: {item.expected}\nto do: {item.remedy}"
