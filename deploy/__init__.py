"""Turns bare Debian hosts into what the repository says. Start reading at `deploy.py` in the root.

Pure: `service` (what a service is), `contexts` (what one host is told), the service modules, `host_state`
(what a host is now) and `plan` (the difference). Only `apply`, `operations` and `releases` touch anything.
"""
