# Before the first deploy changes anything: what the host is, so that `uninstall` can leave it so. Once only.
# Passwords and host keys are not copied; the deploy does not touch them.
set -eu
umask 077
origin=/var/lib/mmstack/origin
[ ! -e $origin ] || exit 0
mkdir -p /var/lib/mmstack
fresh=$(mktemp -d /var/lib/mmstack/.origin.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \) -prune -o -print |
  grep -v '^/var/lib/mmstack' | LC_ALL=C sort > "$fresh/paths"
systemctl list-unit-files --no-legend --no-pager | awk '{ print $1, $2 }' > "$fresh/units"
tar -C / -czf "$fresh/etc.tar.gz" --exclude='etc/shadow*' --exclude='etc/gshadow*' --exclude='etc/ssh/*key*' etc
{ sed 's/:.*//; s/^/user /' /etc/passwd; sed 's/:.*//; s/^/group /' /etc/group; } > "$fresh/names"
: > "$fresh/packages"
: > "$fresh/accounts"
mv "$fresh" $origin
