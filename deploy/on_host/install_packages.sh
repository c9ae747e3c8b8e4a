# Installs the packages named as arguments, without starting what they bring: it is not configured yet.
# $apt_options may say where apt finds them; without it that is the host's own sources.
export DEBIAN_FRONTEND=noninteractive
fresh=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 2>/dev/null | head -n 1)
[ -n "$fresh" ] || apt-get update -q || exit 1
# Debian starts a service as soon as it is unpacked, with its default settings: policy-rc.d says no to that, for as
# long as this script lives and no longer, for it may be cut; an operator's own policy stays as it is.
policy=/usr/sbin/policy-rc.d
installer=/run/mmstack-installer
if [ ! -e $policy ] || grep -q $installer $policy; then
  trap 'rm -f $policy $installer; rm -rf "${place:-}"' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  echo $$ > $installer
  printf '#!/bin/sh\nkill -0 "$(cat %s)" 2>/dev/null && exit 101\nexit 0\n' $installer > $policy
  chmod 755 $policy
fi
install() {
  apt-get ${apt_options:-} install -q -y --no-install-recommends -o DPkg::Lock::Timeout=60 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
# A machine that lost power while it installed has packages by halves, and apt refuses everything until they are done.
[ -z "$(dpkg --audit)$(ls /var/lib/dpkg/updates)" ] || dpkg --force-confdef --force-confold --configure -a
# What comes now goes away again with `uninstall`: the packages, and the accounts that they make for themselves.
origin=/var/lib/mmstack/origin
present() {
  dpkg-query -W -f 'package ${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p'
  cut -d: -f1 /etc/passwd | sed 's/^/user /'
  cut -d: -f1 /etc/group | sed 's/^/group /'
}
remember() {
  present | LC_ALL=C sort > $origin/after
  LC_ALL=C comm -13 $origin/before $origin/after > $origin/new
  sed -n 's/^package //p' $origin/new >> $origin/packages
  grep -v '^package ' $origin/new >> $origin/accounts
  rm -f $origin/before $origin/after $origin/new
}
# A list that is there already is from an installation that was cut: what that one brought counts too.
[ ! -d $origin ] || [ -e $origin/before ] || present | LC_ALL=C sort > $origin/before
install "$@" || { apt-get update -q && install "$@"; } || exit 1
[ ! -d $origin ] || remember
