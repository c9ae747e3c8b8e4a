"""loki.service: Grafana Loki as a single process on loopback, with the rules from `alerts/` in its own ruler."""

from __future__ import annotations

from ..credentials import credential, load_line
from ..errors import SettingsError
from ..programs.install import program
from ..service import Account, Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from .alert_rules import lint, rule_files
from .bot_service import unit_validation

NAME = "loki.service"
UNIT = f"/etc/systemd/system/{NAME}"
CONFIG = "/etc/loki/config.yml"
RULES = "/etc/loki/rules"
TENANT = f"{RULES}/fake"
"""Without authentication there is one tenant, and Loki calls it so."""
CREDENTIALS = "/etc/loki/credentials"


def service(context: Context) -> Service:
    """The service of that name."""
    loki = program(context, "loki")
    keys = _bucket_keys(context)
    loads = [load_line("s3", file) for file in keys]
    rules = rule_files(context.host, TENANT)
    return Service(
        name="log store",
        packages=loki.packages,
        artifacts=loki.artifacts,
        vendor=loki.vendor,
        present=loki.present,
        accounts=(Account("loki"),),
        directories=(
            Directory("/etc/loki", group="loki", mode=0o750),
            Directory(CREDENTIALS, mode=0o700, exclusive=True),
            Directory(RULES),
            # One stray file among the rules, and Loki quietly loads none of them any more.
            Directory(TENANT, exclusive=True),
        ),
        files=(
            File(CONFIG, render("loki/config.yml", context, rules=RULES), group="loki", mode=0o640),
            *rules,
            *keys,
            File(UNIT, render(f"loki/{NAME}", context, program=loki.program, config=CONFIG, loads=loads)),
        ),
        validations=(
            Validation("Loki's settings", f"{loki.program} -verify-config -config.file={{stage}}{CONFIG}", (CONFIG,)),
            lint(TENANT, rules),
            unit_validation(NAME, UNIT),
        ),
        units=(
            Unit(
                NAME,
                # Rules are read again every few seconds, without a restart.
                reads=(CONFIG, UNIT, loki.program, *(file.path for file in keys)),
                ready_url=f"{context.store_url}/ready",
                max_exposure=1.0,
            ),
        ),
        ports=(Port(context.ports.store, NAME), Port(context.ports.loki_grpc, NAME)),
    )


def _bucket_keys(context: Context) -> tuple[File, ...]:
    """In the form that the S3 libraries read. Raises SettingsError where a bucket is wanted without keys to it."""
    if context.stack.bucket is None:
        return ()
    missing = [name for name in ("loki_s3_access_key", "loki_s3_secret_key") if not context.secrets.get(name)]
    if missing:
        raise SettingsError(
            context.host, [f"{name} is missing in the secrets file, and loki_s3 needs it" for name in missing]
        )
    access, secret = context.secrets["loki_s3_access_key"], context.secrets["loki_s3_secret_key"]
    text = f"[default]\naws_access_key_id = {access}\naws_secret_access_key = {secret}\n"
    return (credential(context.seal_with, CREDENTIALS, "s3", text.encode()),)
