"""Grafana dashboards as code: `python -m dashboards build` writes json/, which is committed and provisioned as files.

A module for each dashboard lists its panels; `panels` knows how a panel looks, `queries` how one of our questions is
written in LogQL. Units come from `bot.events`. Knows no store: `firedrill dashboards preview` draws the same files.
"""
