"""What a host becomes, in start order. `pyinfra inventory/prod.py deploy.py` makes it so.

Every line is a module under `deploy/services/` that says what its service wants of the host; `deploy/apply.py` says
how that comes about: read the host once, refuse early, stage, validate everything, swap in, restart what changed,
prove.
"""

from deploy.apply import apply
from deploy.services import (
    alertmanager,
    base,
    bot_release,
    bot_service,
    firewall,
    grafana,
    grafana_import,
    log_shipper,
    log_store,
    logrotate,
)

SERVICES = (
    base,  # Python, accounts
    bot_release,  # /opt/mm-bot/releases
    alertmanager,  # before the store: it must listen when the first rule fires
    log_store,  # before the bot: its first line is already watched
    log_shipper,
    bot_service,
    logrotate,
    grafana_import,  # dashboards follow the release
    grafana,
    firewall,  # last: accounts and ports it names are there
)

if __name__ != "describe":  # `python -m deploy describe` reads the table and applies nothing
    apply(*SERVICES)
