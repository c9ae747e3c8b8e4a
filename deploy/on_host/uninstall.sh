# Takes away what deploys brought, in reverse order. Arguments: step, `keep` or `purge`, then what the step works on.
#   stop UNIT...      ours end first; the bot's SIGTERM cancels its orders and verifies that none rests at the venue
#   backup            what the bot and the store know, as one archive for the operator; no secret is in it
#   remove PATH...    files, empty directories (DIR/), releases, accounts; what was there before comes back
#   packages          those that came with a deploy, unless something else has come to need one of them
# Every step can be repeated after a cut. What was there before is in /var/lib/mmstack/origin (remember.sh).
set -eu
export LC_ALL=C
step=$1 data=$2
shift 2
state=/var/lib/mmstack
origin=$state/origin
# What a run left behind: events, positions, and the days that only the embedded store still has.
kept='/var/log/mm-bot /var/lib/mm-bot /var/lib/mm-log-store'
# In no backup: Loki's lines are those of the log files, and Grafana's accounts and sessions let whoever has them in.
stays='/var/lib/loki /var/lib/promtail /var/lib/alloy /var/lib/grafana'
mkdir -p -m 0700 $state
exec 9>>$state/lock
flock -w 150 9 || { echo 'another deploy is at work on this host; try again when it has ended'; exit 1; }

before() { # whether a path was there before the first deploy
  [ -e $origin/paths ] && grep -qxF "$1" $origin/paths
}

of_others() { # data of a service that was there before, with its account; without one an uninstall of ours kept it
  before "$1" && grep -qxF "user ${1##*/}" $origin/names
}

stop() {
  for unit in "$@"; do
    ! grep -q "^$unit " $origin/units 2>/dev/null || continue # it was there before, and goes on
    systemctl stop "$unit" 2>/dev/null || true
    case $unit in *.timer) systemctl stop "${unit%.timer}.service" 2>/dev/null || true ;; esac # it may be at work now
    if systemctl --quiet is-active "$unit"; then echo "$unit does not stop; nothing was removed"; exit 1; fi
    systemctl --quiet disable "$unit" 2>/dev/null || true
  done
}

backup() {
  umask 077
  archive=$state/uninstall.tar.gz
  set --
  for path in $kept /etc/mm-bot/mm-bot.env /etc/mm-log-store $state/stamp.json; do
    [ ! -e "$path" ] || set -- "$@" "${path#/}"
  done
  tar -C / -czf $archive.new "$@"
  mv $archive.new $archive
}

remove() {
  # What the host's apt has read of the vendor's repository since.
  vendor=$(sed -n 's#^URIs: .*://##p' /etc/apt/sources.list.d/mmstack-vendor.sources 2>/dev/null | tr / _)
  [ -z "$vendor" ] || rm -f "/var/lib/apt/lists/${vendor}_"*
  rm -rf /var/tmp/mmstack-vendor.*
  for path in "$@"; do
    if [ "${path%/}" != "$path" ]; then : # a directory, which goes when it is empty
    elif ! before "$path"; then
      rm -f "$path"
    elif [ "${path#/etc/}" != "$path" ]; then
      tar -C / -xzpf $origin/etc.tar.gz "${path#/}"
    fi
  done
  rm -rf /opt/mm-bot /opt/mmstack /etc/mm-bot /etc/mm-log-store /etc/grafana/mm-bot /var/lib/mm-dashboards
  # Alertmanager's own; a Prometheus that came since keeps its data beside it.
  before /var/lib/prometheus/alertmanager || rm -rf /var/lib/prometheus/alertmanager
  before /var/lib/prometheus || rmdir /var/lib/prometheus 2>/dev/null || true
  for path in $kept $stays; do
    if of_others "$path"; then :
    elif [ "$data" = purge ]; then rm -rf "$path"
    elif [ -e "$path" ]; then chown -R root:root "$path"
    fi
  done
  for path in "$@"; do
    folder=$(dirname "${path}x") # of a directory itself
    while [ -d $origin ] && ! before "$folder" && { [ ! -d "$folder" ] || rmdir "$folder" 2>/dev/null; }; do
      folder=$(dirname "$folder")
    done
  done
  forget_key
  systemctl daemon-reload
  for name in mm-bot mm-store mm-dashboards loki promtail alloy grafana prometheus; do
    ! grep -qxF "user $name" $origin/names 2>/dev/null || continue
    ! pgrep -u $name >/dev/null 2>&1 || continue # somebody else has come to use it
    ! getent passwd $name >/dev/null || userdel $name
    ! getent group $name >/dev/null || groupdel $name
  done
}

forget_key() { # what systemd made when it sealed our first secret, unless somebody else has come to seal with it
  key=/var/lib/systemd/credential.secret
  if [ ! -e $key ] || [ ! -d $origin ] || before $key; then return; fi
  for folder in /etc/credstore.encrypted /usr/lib/credstore.encrypted; do
    [ -z "$(ls -A $folder 2>/dev/null)" ] || return 0
  done
  grep -rqsE '^(Load|Set)CredentialEncrypted=' /etc/systemd /usr/local/lib/systemd || rm -f $key
}

packages() {
  if [ ! -d $origin ]; then # data kept by an earlier uninstall, or a release that noted nothing
    [ ! -e $state/stamp.json ] || echo 'what was there before the first deploy was not noted: packages stay'
    rm -rf $state
    return
  fi
  export DEBIAN_FRONTEND=noninteractive
  ours=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $(sort -u $origin/packages) 2>/dev/null | sed 's/ .*//' || true)
  [ -z "$ours" ] || apt-mark unhold -q $ours >/dev/null
  others=$(apt-get -s purge $ours | awk '$1 == "Purg" || $1 == "Remv" { print $2 }' | grep -vxF "$ours" || true)
  if [ -n "$others" ]; then
    echo "packages stay, because" $others "came to need one of them; when it does not: apt-get purge" $ours
  elif [ -n "$ours" ]; then
    apt-get purge -q -y -o DPkg::Lock::Timeout=60 $ours >/dev/null
  fi
  sort -r $origin/accounts | while read -r kind name; do # users first: a group goes with its last member
    case $kind in
      user) ! getent passwd "$name" >/dev/null || pgrep -u "$name" >/dev/null 2>&1 || userdel "$name" ;;
      group) ! getent group "$name" >/dev/null || groupdel "$name" ;;
    esac
  done
  for stamp in /var/lib/systemd/timers/stamp-*; do # systemd's note of when a timer ran last outlives the timer
    before "$stamp" || systemctl cat "${stamp##*/stamp-}" >/dev/null 2>&1 || rm -f "$stamp"
  done
  systemctl daemon-reload
  rm -rf $state
}

$step "$@"
