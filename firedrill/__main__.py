"""The command `firedrill`: a table of contents; each subcommand lives in the room it belongs to."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

COMMANDS = {
    "run": ("firedrill.runner.command", "Check every host of an inventory and drill its alarms."),
    "sandbox": ("firedrill.sandbox.command", "Throwaway real systemd hosts on this machine."),
    "receiver": ("firedrill.receiver", "Print what Alertmanager posts, one JSON line each."),
    "query": ("firedrill.store.query_command", "Ask the logs with LogQL."),
    "store": ("firedrill.service.command", "The embedded log store and its ruler."),
    "backfill": ("firedrill.shipping.command", "Send Loki the lines of the log files that it lacks."),
    "report": ("firedrill.report.command", "What the bot did in the last 24 hours."),
    "golive": ("firedrill.golive.command", "GO or NO-GO for the next leg of going live."),
    "rules": ("firedrill.rules.command", "Lint and test alert rules."),
    "artifacts": ("firedrill.artifacts.command", "A folder of programs for hosts that cannot reach the vendors."),
    "dashboards": ("firedrill.dashboards.command", "Grafana's dashboards: drawn without it, imported for it."),
    "secrets": ("firedrill.secrets", "Which secrets hosts want, and how they are kept."),
    "hardening": ("firedrill.hardening.command", "Try what hardened units must not do."),
}


class LazyGroup(click.Group):
    """Imports a subcommand only when it is used: `firedrill query` does not pay for pytest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names out of the table, without an import; options as of any command."""
        names = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Proves that hosts are what the repository says, and that their alarms ring.

    \b
    A first look, as root:
      firedrill sandbox up                                     a throwaway real host
      pyinfra inventory/sandbox.py deploy.py -y                make it a bot host
      firedrill run inventory/sandbox.py --drill etick_error   prove it, ring one alarm
      firedrill sandbox down --all                             leave nothing behind

    Every command has a --help of its own. For completion with TAB, in ~/.bashrc:

    \b
      eval "$(_FIREDRILL_COMPLETE=bash_source firedrill)"
    """


if __name__ == "__main__":
    main()
