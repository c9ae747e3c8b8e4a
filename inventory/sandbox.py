"""The sandbox hosts that are up, as `firedrill sandbox up` left them."""

import json
import os
from pathlib import Path

from pyinfra.api.exceptions import InventoryError

_HOSTS = Path(os.environ.get("MMSTACK_SANDBOX_DIR", "/var/lib/mmstack-sandbox")) / "hosts"


def _host(path):
    facts = json.loads(path.read_text())
    return (
        facts["name"],
        {
            "ssh_hostname": facts["address"],
            "ssh_port": facts["ssh_port"],
            "ssh_user": "root",
            "ssh_key": facts["ssh_key"],
            "ssh_known_hosts_file": facts["known_hosts"],
            "ssh_strict_host_key_checking": "yes",
            # Every sandbox host shares this machine's network and has a loopback address of its own.
            "bind_address": facts["address"],
            # Nobody listens there but a drill's own receiver.
            "alert_webhook_url": f"http://{facts['address']}:9190/alerts",
        },
    )


sandbox = [_host(path) for path in sorted(_HOSTS.glob("*/host.json"))]
if not sandbox:
    raise InventoryError(f"no sandbox host is up in {_HOSTS.parent}; boot one: firedrill sandbox up")
