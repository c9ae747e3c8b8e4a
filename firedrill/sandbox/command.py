"""The command `firedrill sandbox`: words in, sentences and exit codes out."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from firedrill.sandbox import image, machine, processes
from firedrill.sandbox.access import ssh_command
from firedrill.sandbox.errors import NotHere, SandboxError
from firedrill.sandbox.host import Claim, boot, claim, require_prefix, wait_ready
from firedrill.sandbox.listing import list_hosts, state
from firedrill.sandbox.places import cache_dir, host_called, sandbox_dir
from firedrill.sandbox.teardown import Removal, demolish, remove_empty, take_down, traces


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        click.echo(f"firedrill sandbox: {error}", err=True)
        sys.exit(error.exit_code)
    except PermissionError as error:
        click.echo(f"firedrill sandbox: sandbox hosts belong to root: run this as root (sudo). ({error})", err=True)
        sys.exit(NotHere.exit_code)


def _say(text: str) -> None:
    """A line; one that begins with a carriage return is progress and overwrites itself on a terminal."""
    progress = text.startswith("\r")
    if progress and sys.stderr.isatty():
        click.echo(text, nl=False, err=True)
    elif not progress or text.endswith(("0 s", "5 s")):
        click.echo(("\r" if sys.stderr.isatty() else "") + text.lstrip("\r"), err=True)


@click.group("sandbox", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Throwaway real Debian hosts on this machine, each with its own systemd, sshd and loopback address.

    \b
    Try it, as root:
      firedrill sandbox up                               one Debian 12 host, sandbox-1
      firedrill sandbox up --hosts 2 --release trixie    two more, Debian 13
      firedrill sandbox ssh sandbox-1 systemctl status   run something there
      firedrill sandbox down --all                       leave nothing behind

    \b
    Environment (default):
      MMSTACK_SANDBOX_DIR (/var/lib/mmstack-sandbox)   the hosts; not on an overlay or a network share
      MMSTACK_CACHE_DIR   (/var/cache/mmstack)         base images and packages; safe to delete while no host runs
    """
    os.umask(0o022)  # what we make becomes the hosts' file system


@command.command("up")
@click.option("--hosts", type=click.IntRange(1, 20), default=1, show_default=True, help="How many hosts to boot.")
@click.option(
    "--release",
    type=click.Choice(image.RELEASES),
    default="bookworm",
    show_default=True,
    help="Debian 12 is bookworm, Debian 13 is trixie.",
)
@click.option(
    "--name",
    "prefix",
    metavar="PREFIX",
    default="sandbox",
    show_default=True,
    help="Hosts are called PREFIX-1, PREFIX-2 ...",
)
@click.option("--reuse", is_flag=True, help="Count living hosts of that PREFIX; replace dead ones.")
def up(hosts: int, release: str, prefix: str, reuse: bool) -> None:
    """Boot hosts beside those that are up.

    Each line printed is a host that answers over ssh. The first of a release waits about a minute for its base image,
    which is kept; later ones take about a second.

    \b
    Examples:
      firedrill sandbox up                  one more host
      firedrill sandbox up --reuse          one host in all: boots only if none is up
      firedrill sandbox up --name desk      desk-1
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with _sentences():
        machine.require()
        require_prefix(prefix)
        wanted = hosts - _reusable(prefix) if reuse else hosts
        if wanted > 0:
            _up(wanted, image.ensure(cache_dir(), release, _say), prefix)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _reusable(prefix: str) -> int:
    count = 0
    for host in list_hosts(sandbox_dir()):
        if host.places.name.rpartition("-")[0] != prefix:
            continue
        if host.state == "dead":
            _report(take_down(host.places))
        else:
            count += 1
            click.echo(f"{host.places.name}: already {host.state}")
    return count


def _up(wanted: int, base: image.Image, prefix: str) -> None:
    started: list[Claim] = []
    try:
        for _ in range(wanted):
            started.append(claim(sandbox_dir(), prefix, base.release))
            boot(started[-1], base, cache_dir())
        for new in started:
            seconds = wait_ready(new)
            where = f"{new.endpoint.address} port {new.endpoint.port}"
            click.echo(f"{new.places.name}: ready in {seconds:.1f} s ({base.release}, ssh at {where})")
    except BaseException:  # Ctrl-C too: hosts that never became ready go away again
        for new in started:
            if state(new.places) != "ready":
                demolish(new.places, Removal(new.places.name))
        raise
    finally:
        for new in started:
            new.let_go()


@command.command("ls")
@click.option("--json", "as_json", is_flag=True, help="Print the facts of every host as JSON.")
def ls(as_json: bool) -> None:
    """List the hosts.

    One a line: name, state (ready, starting or dead), release, address, process id.
    """
    with _sentences():
        hosts = list_hosts(sandbox_dir())
    if as_json:
        click.echo(json.dumps([{**host.facts, "state": host.state} for host in hosts], indent=1))
        return
    if not hosts:
        click.echo(f"no host in {sandbox_dir()}; `firedrill sandbox up` boots one", err=True)
    for host in hosts:
        facts = host.facts
        click.echo(
            f"{host.places.name:<16} {host.state:<9} {facts.get('release', '-'):<9} {facts.get('address', '-'):<14} "
            f"pid {facts.get('pid', '-')}"
        )


@command.command("ssh", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("name")
@click.argument("words", metavar="[CMD]...", nargs=-1, type=click.UNPROCESSED)
def ssh(name: str, words: tuple[str, ...]) -> None:
    """Log in as root, or run CMD there; exits with its exit code.

    \b
    Examples:
      firedrill sandbox ssh sandbox-1
      firedrill sandbox ssh sandbox-1 journalctl -u mm-bot -n 20
    """
    with _sentences():
        line = ssh_command(host_called(name), words)
        os.execvp(line[0], line)


@command.command("down")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Take down every host and clear what crashes left.")
def down(names: tuple[str, ...], everything: bool) -> None:
    """Take hosts down and leave nothing of them.

    A host that is not there is named, and no error.

    \b
    Examples:
      firedrill sandbox down sandbox-1
      firedrill sandbox down --all      also what a crash or a power cut left
    """
    with _sentences():
        if not names and not everything:
            raise SandboxError("Say which: `firedrill sandbox down NAME...` or `firedrill sandbox down --all`.")
        directory = sandbox_dir()
        chosen = traces(directory) if everything else [host_called(name) for name in names]
        removals = [_report(take_down(places)) for places in chosen]
        if everything:
            _clear_rest(removals)
    if any(removal.remains for removal in removals):
        sys.exit(1)


def _clear_rest(removals: list[Removal]) -> None:
    for draft in image.clear_interrupted(cache_dir()):
        click.echo(f"removed an interrupted image build: {draft}")
    remove_empty(sandbox_dir())
    processes.reaped([ended for removal in removals for ended in removal.ended], seconds=3.0)
    if not removals:
        click.echo("no host was there")


def _report(removal: Removal) -> Removal:
    if removal.remains:
        click.echo(f"{removal.name}: {removal.stopped}, but remains: {'; '.join(removal.remains)}", err=True)
    else:
        absent = "was not there (`firedrill sandbox ls` shows which hosts are)"
        done = f"{removal.stopped}, removed" if removal.stopped else absent
        click.echo("; ".join(filter(None, [f"{removal.name}: {done}", removal.note])))
    return removal
