"""What vendors' own units say that bears on hardening, for hosts on which theirs are not installed. Data only.

Facts read from the packaging files of the vendors' public repositories; the host's own copy is taken where it has one.
"""

from __future__ import annotations

_GRAFANA = """
User=grafana
Group=grafana
CapabilityBoundingSet=
DeviceAllow=
LockPersonality=true
MemoryDenyWriteExecute=false
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
PrivateUsers=true
ProtectClock=true
ProtectControlGroups=true
ProtectHome=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectProc=invisible
ProtectSystem=full
RemoveIPC=true
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
UMask=0027
"""

_START = "[Service]\nExecStart=/bin/true\n"

VENDORS = {
    "loki.service": _START + "User=loki\n",  # grafana/loki, tools/packaging/loki.service
    "promtail.service": _START + "User=promtail\nGroup=promtail\n",  # beside it
    "alloy.service": _START + "User=alloy\nWorkingDirectory=/var/lib/alloy\n",  # grafana/alloy, packaging/deb
    # As of Grafana 10 and later; its earlier units had none of these.
    "grafana-server.service": _START + _GRAFANA.lstrip(),
}
"""By the name of the unit: the lines of its [Service] section that `systemd-analyze security` judges."""
