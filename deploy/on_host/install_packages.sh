# Installs the Debian packages named as arguments, without starting what they bring: it is not configured yet.
export DEBIAN_FRONTEND=noninteractive
fresh=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 2>/dev/null | head -n 1)
[ -n "$fresh" ] || apt-get update -q || exit 1
# Debian starts a service as soon as it is unpacked, with its default settings: policy-rc.d says no to that, for as
# long as this script lives and no longer, for it may be cut; an operator's own policy stays as it is.
policy=/usr/sbin/policy-rc.d
installer=/run/mmstack-installer
if [ ! -e $policy ] || grep -q $installer $policy; then
  trap 'rm -f $policy $installer' EXIT
  trap 'exit 1' HUP INT TERM PIPE
  echo $$ > $installer
  printf '#!/bin/sh\nkill -0 "$(cat %s)" 2>/dev/null && exit 101\nexit 0\n' $installer > $policy
  chmod 755 $policy
fi
install() {
  apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=60 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
# A machine that lost power while it installed has packages by halves, and apt refuses everything until they are done.
[ -z "$(dpkg --audit)$(ls /var/lib/dpkg/updates)" ] || dpkg --force-confdef --force-confold --configure -a
install "$@" || { apt-get update -q && install "$@"; }
