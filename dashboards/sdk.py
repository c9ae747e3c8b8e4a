"""The parts of grafana-foundation-sdk that the dashboards use, under short names.

Its classic schema is marked as deprecated in favour of a resource that only Grafana 12 and later read as a file; the
classic JSON is read by all, and migrated when it is loaded.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import (
        bargauge,
        common,
        dashboard,
        loki,
        stat,
        statetimeline,
        table,
        timeseries,
    )

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

__all__ = [
    "JSONEncoder",
    "bargauge",
    "common",
    "dashboard",
    "kinds",
    "loki",
    "model",
    "stat",
    "statetimeline",
    "table",
    "timeseries",
]
