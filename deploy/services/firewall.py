"""mmstack-firewall.service: one nftables table of ours that keeps other machines from our ports.

Everything of ours listens on loopback, so this is the second lock. Debian's own rules, and whatever else filters on the
host, stay untouched: the table is added and deleted as a whole, and no rule in it accepts on behalf of another.
"""

from __future__ import annotations

import hashlib

from ..service import Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from . import alertmanager, bot_service, grafana, log_shipper, log_store
from .bot_service import unit_validation

NAME = "mmstack-firewall.service"
UNIT = f"/etc/systemd/system/{NAME}"
RULES = "/etc/mmstack/firewall.nft"


def service(context: Context) -> Service:
    """The service of that name; nothing where no firewall is wanted."""
    if not context.firewall.wanted:
        return Service(name="firewall")
    return Service(
        name="firewall",
        packages=("nftables",),
        directories=(Directory("/etc/mmstack"),),
        files=(File(RULES, _rules(context)), File(UNIT, render(f"nftables/{NAME}", context, rules=RULES))),
        validations=(
            Validation("firewall", "nft -c -f {stage}" + RULES, files=(RULES,)),
            unit_validation(NAME, UNIT),
        ),
        units=(Unit(NAME, reads=(RULES, UNIT)),),
    )


def digest(context: Context) -> str:
    """What the table of this host says of itself, so that another one is seen; "" where none is wanted."""
    if not context.firewall.wanted:
        return ""
    return f"mmstack {hashlib.sha256(_text(context, '')).hexdigest()[:16]}"


def _rules(context: Context) -> bytes:
    return _text(context, digest(context))


def _text(context: Context, digest: str) -> bytes:
    opened = sorted(port.number for port in _ports(context) if port.address)
    return render(
        "nftables/firewall.nft",
        context,
        digest=digest,
        closed=sorted({port.number for port in _ports(context)} - set(opened)),
        opened=opened,
        four=context.firewall.four,
        six=context.firewall.six,
        inmates=_inmates(context),
    )


def _ports(context: Context) -> list[Port]:
    """Those that the other services want."""
    modules = (alertmanager, log_store, log_shipper, bot_service, grafana)
    return [port for module in modules for port in module.service(context).ports]


def _inmates(context: Context) -> list[str]:
    """Accounts of services that speak to this host only, with this store and this shipper."""
    stack = context.stack
    found = ["mm-store"]
    if stack.store == "loki" and stack.bucket is None:
        found.append("loki")
    if stack.store == "loki" and stack.shipper != "none":
        found.append(stack.shipper)
    return found
