"""Which log stack a setting means, and what is said of one that cannot work."""

from __future__ import annotations

import re

import pytest

from deploy.settings.stack import PROMTAIL_HAS_ENDED, RULES_ELSEWHERE, Stack, stack

COMPONENTS = ("loki", "promtail", "alloy", "grafana", "alertmanager")


def _stack(**settings: object) -> Stack:
    chosen, problems, _ = stack(settings, COMPONENTS)
    assert problems == []
    return chosen


def test_without_a_word_the_files_are_the_store_and_nobody_carries_them() -> None:
    chosen = _stack()
    assert (chosen.store, chosen.shipper) == ("embedded", "none")


@pytest.mark.parametrize(("store", "url"), [("loki", ""), ("remote", "https://loki.example")])
def test_a_loki_has_a_shipper_without_a_word(store: str, url: str) -> None:
    assert _stack(log_store=store, loki_url=url).shipper == "promtail"


def test_one_word_changes_the_shipper_and_ends_the_warning() -> None:
    _, _, told = stack({"log_store": "loki"}, COMPONENTS)
    assert told == [PROMTAIL_HAS_ENDED]
    chosen, problems, told = stack({"log_store": "loki", "log_shipper": "alloy"}, COMPONENTS)
    assert (chosen.shipper, problems, told) == ("alloy", [], [])


def test_rules_of_a_store_elsewhere_are_said_to_be_its_own() -> None:
    _, _, told = stack({"log_store": "remote", "loki_url": "https://loki.example"}, COMPONENTS)
    assert RULES_ELSEWHERE in told


def test_a_word_of_source_is_for_what_debian_lacks_and_a_name_for_one() -> None:
    chosen = _stack(install_source="archive, loki:present")
    assert [chosen.source_of(name) for name in ("promtail", "loki", "alertmanager")] == [
        "archive",
        "present",
        "package",
    ]
    assert _stack(install_source="archive,alertmanager:archive").source_of("alertmanager") == "archive"


def test_a_bucket_is_named_by_a_url() -> None:
    bucket = _stack(log_store="loki", loki_s3="https://s3.example:9000/logs", loki_s3_region="eu").bucket
    assert bucket is not None
    assert (bucket.host, bucket.name, bucket.region, bucket.encrypted) == ("s3.example:9000", "logs", "eu", True)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"log_store": "Loki"}, "log_store='Loki' is unknown; it is embedded, loki, remote"),
        ({"log_shipper": "fluentd"}, "log_shipper='fluentd' is unknown"),
        ({"log_shipper": "promtail"}, "log_shipper=promtail would send to nobody"),
        ({"log_store": "loki", "log_shipper": "none"}, "gets no line without a shipper"),
        ({"log_store": "remote"}, "loki_url='' is not an http"),
        ({"loki_url": "https://loki.example"}, "used by log_store=remote only"),
        ({"install_source": "latest"}, "install_source='latest' is unknown; it is package, vendor, archive, present"),
        ({"install_source": "archive,lokki:vendor"}, "install_source names 'lokki'; components are loki"),
        ({"log_store": "loki", "loki_s3": "s3://bucket"}, "loki_s3='s3://bucket' is not https://HOST/BUCKET"),
        ({"loki_s3": "https://s3.example/logs"}, "is not https://HOST/BUCKET with log_store=loki"),
    ],
)
def test_what_cannot_work_is_said(settings: dict[str, object], problem: str) -> None:
    _, problems, _ = stack(settings, COMPONENTS)
    assert [said for said in problems if re.search(re.escape(problem), said)], problems
