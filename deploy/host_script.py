"""The POSIX shell script that reads a host in one round trip; it needs nothing installed there.

pyinfra reads files, units and packages one command at a time (106 commands for a small host, 2 s);
this reads all of it at once. Its output is parsed in `host_state`. Pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

RELEASES = "/opt/mm-bot/releases"
CURRENT = "/opt/mm-bot/current"
MARKERS = "/var/lib/mmstack/releases"
STAMP = "/var/lib/mmstack/stamp.json"
WHEELHOUSE = "/var/lib/mmstack/wheelhouse"
PROGRAMS = "/opt/mmstack/bin"
"""Programs from release archives, each under a name that says version and content."""
PROGRAM_MARKERS = "/var/lib/mmstack/programs"
"""Beside each, what it was when it was installed: its hash, then its print (`PRINT`)."""
LOCK = "/var/lib/mmstack/lock"
"""Held by every step on the host: a step of a deploy whose operator vanished goes on alone, and is waited for."""
LOCK_WITHIN_S = 150
KEPT = "/var/lib/mmstack/previous/kept.json"
"""Exists from a switch until the host has proved itself: what would be put back."""
STAGE = "/var/lib/mmstack/stage"
"""Exists from staging until the host has proved itself, also where there is nothing to go back to."""

BOT_DIRECTORIES = ("/var/log/mm-bot", "/var/lib/mm-bot")
"""Every file in these must be the bot's own and writable for it, or it goes blind (`foreign` lists the others)."""

UNIT_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,NRestarts,MainPID,ExecMainStartTimestamp,"
    "ActiveEnterTimestamp,Result"
)

FINGERPRINT = r"find . -printf '%P %y %s %C@ %m %U %G %l\n' | LC_ALL=C sort | sha256sum | cut -c1-64"
"""Cheap identity of a release directory: any write, chmod or replacement moves a ctime (30 ms for 3,000 files)."""
PRINT = (
    f"""sh -c 'if [ -d "$1" ]; then cd "$1" && {FINGERPRINT.replace("'", '"')}; """
    """else stat -c "%s %.9Z %a %U %G" "$1"; fi' -"""
)
"""The same of a program, in one file or in a folder: a hundred megabytes are not hashed at every deploy."""

_SCRIPT = r"""
LC_ALL=C; export LC_ALL; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
t=$(printf '\t')
[ -r @LOCK@ ] && { flock -w @LOCKWITHIN@ 9 || echo "busy$t@LOCK@"; } 9<@LOCK@
echo "clock$t$(date +%s.%N)"
( . /etc/os-release; echo "os$t$ID$t$VERSION_ID" )
echo "arch$t$(uname -m)"
echo "user$t$(id -u)"
echo "powers$t$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)"
echo "init$t$(cat /proc/1/comm)"
sed -n "s/^nameserver[[:space:]]*\([0-9a-fA-F:.]*\).*/nameserver$t\1/p" /etc/resolv.conf 2>/dev/null
command -v systemd-creds >/dev/null && echo "seals$t$(systemd-creds has-tpm2 >/dev/null 2>&1 && echo tpm2)"
python=$(readlink -f /usr/bin/python3 2>/dev/null); echo "python$t${python##*/python}"
df -Pk / /opt /var 2>/dev/null | awk -v OFS="$t" 'NR > 1 { print "disk", $6, $4 }'
for path in @PATHS@; do
  stat --printf 'path\t%n\t%F\t%a\t%U\t%G\t%.9Z\n' -- "$path" 2>/dev/null
  [ -L "$path" ] && echo "link$t$path$t$(readlink -- "$path")"
done
for path in @FILES@; do [ -f "$path" ] && [ ! -L "$path" ] && printf '%s\n' "$path"; done |
  tr '\n' '\0' | xargs -0 -r sha256sum -- | sed "s/^/sum$t/; s/  /$t/"
set -- @SEALED@
while [ $# -gt 0 ]; do # what is inside; of a file that cannot be opened, the hash of these words
  [ -f "$1" ] && [ ! -L "$1" ] && echo "sum$t$({ systemd-creds decrypt --name="$2" -- "$1" - 2>/dev/null ||
    echo 'cannot be opened'; } | sha256sum | cut -c1-64)$t$1"
  shift 2
done
for directory in @EXCLUSIVE@; do
  find "$directory" -mindepth 1 -maxdepth 1 -printf 'entry\t%p\n' 2>/dev/null
done
# Before there is an account, what lies there was kept by an uninstall, and is nobody's.
if id mm-bot >/dev/null 2>&1; then set -- ! -user mm-bot -o; else set -- -true -o; fi
for directory in @OWNED@; do
  find "$directory" -maxdepth 1 -type f \( "$@" ! -perm -u=rw \) -printf 'foreign\t%p\n' 2>/dev/null
done
for name in @ACCOUNTS@; do
  getent passwd "$name" >/dev/null && echo "account$t$name$t$(id -nG "$name")$t$(getent passwd "$name" | cut -d: -f7)"
done
dpkg-query -W -f 'package\t${Package}\t${db:Status-Status}\t${Version}\n' @PACKAGES@ 2>/dev/null
systemctl show --timestamp=us+utc -p @PROPERTIES@ @UNITS@ 2>/dev/null | sed "s/^/unit$t/"
ss -Hltnp 2>/dev/null | while read -r _ _ _ local _ users; do
  pid=$(printf '%s' "$users" | sed -n 's/.*pid=\([0-9]*\).*/\1/p'); unit=; command=
  if [ -n "$pid" ]; then
    unit=$(sed -n 's#.*/\([^/]*\.service\).*#\1#p' "/proc/$pid/cgroup" | head -n 1); command=$(cat "/proc/$pid/comm")
  fi
  echo "listen$t$local$t$pid$t$command$t$unit"
done
for path in @ARTIFACTS@; do
  marker=@PROGRAMMARKERS@/${path##*/}
  [ -e "$path" ] && [ ! -L "$path" ] && [ "$(@PRINT@ "$path")" = "$(sed -n 2p "$marker" 2>/dev/null)" ] &&
    echo "program$t$path$t$(sed -n 1p "$marker")"
done
for name in @PRESENT@; do
  command -v "$name" >/dev/null && echo "says$t$name$t$("$name" --version 2>&1 | head -n 1 | tr '\t' ' ')"
done
for directory in @RELEASES@/*/; do
  [ -d "$directory" ] || continue
  name=$(basename "$directory"); verdict=unfinished; marker=@MARKERS@/$name
  if [ -s "$marker" ]; then
    verdict=kept
    case " @WHOLE@ " in *" $name "*)
      [ "$(cd "$directory" && @FINGERPRINT@)" = "$(sed -n 1p "$marker")" ] && verdict=whole || verdict=damaged ;;
    esac
  fi
  echo "release$t$name$t$verdict$t$(sed -n 2p "$marker" 2>/dev/null)"
done
for directory in @WHEELHOUSE@/*/; do [ -d "$directory" ] && echo "wheels$t$(basename "$directory")"; done
[ -d @STAGE@ ] && echo "unproved$t"
[ -f @KEPT@ ] && echo "cut$t$(tr -d '\n\t' < @KEPT@)"
[ -f @KEPT@ ] && echo "unproved$t$(sed -n 's#.*"link": "releases/\([^"]*\)".*#\1#p' @KEPT@)"
[ -f @STAMP@ ] && echo "stamp$t$(tr -d '\n' < @STAMP@)"
:
"""


def script(
    *,
    files: Iterable[str] = (),
    sealed: Mapping[str, str] | None = None,
    others: Iterable[str] = (),
    exclusive: Iterable[str] = (),
    units: Iterable[str] = (),
    packages: Iterable[str] = (),
    accounts: Iterable[str] = (),
    releases: Iterable[str] = (),
    artifacts: Iterable[str] = (),
    present: Iterable[str] = (),
) -> str:
    """The script that reads a host. `files` are hashed, of those `sealed` (path: name) what is inside,
    `others` only looked at (directories, links);
    the content of `releases` and `artifacts` is compared with the fingerprint taken when they were installed;
    programs that are `present` say their version."""
    files, sealed, quoted = list(files), sealed or {}, shlex.join
    values = {
        "PATHS": quoted([*files, *others]),
        "FILES": quoted(path for path in files if path not in sealed),
        "SEALED": quoted(word for pair in sealed.items() for word in pair),
        "EXCLUSIVE": quoted(exclusive),
        "OWNED": quoted(BOT_DIRECTORIES),
        "ACCOUNTS": quoted(accounts),
        "PACKAGES": quoted(packages),
        "UNITS": quoted(units),
        "PROPERTIES": UNIT_PROPERTIES,
        "RELEASES": RELEASES,
        "MARKERS": MARKERS,
        "WHOLE": " ".join(releases),
        "ARTIFACTS": quoted(artifacts),
        "PRESENT": quoted(present),
        "PROGRAMMARKERS": PROGRAM_MARKERS,
        "PRINT": PRINT,
        "FINGERPRINT": FINGERPRINT,
        "STAMP": STAMP,
        "WHEELHOUSE": WHEELHOUSE,
        "KEPT": KEPT,
        "STAGE": STAGE,
        "LOCK": LOCK,
        "LOCKWITHIN": str(LOCK_WITHIN_S),
    }
    return re.sub(r"@([A-Z]+)@", lambda match: values[match[1]], _SCRIPT)
