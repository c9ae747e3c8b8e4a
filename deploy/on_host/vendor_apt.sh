# A vendor's apt repository, without the host's own apt hearing of it: key, source, pins and lists lie in a folder of
# this script's own, which goes with it. What follows this text in the same script uses the two functions.
#   vendor_try NAME=VERSION...       a line for each thing that stands in the way; nothing on the host changes
#   vendor_prepare                   sets $apt_options so that apt-get finds the host's sources and the vendor's
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
vendor_url='@URL@' vendor_origin='@ORIGIN@'
ours=/etc/apt/sources.list.d/mmstack-vendor.sources
find /var/tmp -maxdepth 1 -name 'mmstack-vendor.*' -mmin +60 -exec rm -rf {} + # of a run that was killed
place=$(mktemp -d /var/tmp/mmstack-vendor.XXXXXX)
chmod 755 "$place" # apt downloads as a user of its own
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM PIPE
mkdir -p "$place/sources" "$place/pins" "$place/lists/partial" "$place/archives/partial"
chown _apt "$place/archives" 2>/dev/null || true
cat > "$place/vendor.asc" <<'END'
@KEY@
END
cat > "$place/sources/vendor.sources" <<'END'
@SOURCE@
END
sed -i "s#^Signed-By: .*#Signed-By: $place/vendor.asc#" "$place/sources/vendor.sources"
cat > "$place/pins/vendor" <<'END'
@PINS@
END
cat > "$place/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$place/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$place/pins";
Dir::State::lists "$place/lists";
Dir::Cache::archives "$place/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Update::Error-Mode "any";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
END

vendor_try() {
  other=$(grep -lsF "$vendor_origin" /etc/apt/sources.list /etc/apt/sources.list.d/* | grep -vxF $ours | head -n 1)
  if [ -n "$other" ]; then
    echo "the host's apt knows $vendor_origin from $other already, and two sources of one repository quarrel:" \
      "remove that file, or deploy with install_source=present"
    return
  fi
  if ! apt-get update -q -c "$place/apt.conf" > "$place/said" 2>&1; then
    vendor_why "$(vendor_said)"
    return
  fi
  for wanted in "$@"; do
    name=${wanted%%=*} version=${wanted#*=}
    there=$(apt-cache madison -c "$place/apt.conf" "$name" | awk '{ print $3 }')
    if ! printf '%s\n' "$there" | grep -qxF "$version"; then
      echo "$vendor_url has no $name $version; it has $(printf '%s\n' $there | head -n 5 | paste -sd ' ' | sed 's/^$/none/');" \
        "move the pin in deploy/versions.py, or deploy with install_source=archive"
    elif ! (cd "$place/archives" && apt-get download -q -c "$place/apt.conf" "$wanted") > "$place/said" 2>&1; then
      echo "$vendor_url cannot give $name $version as its list promises it:" \
        "$(vendor_said); try later, or deploy with install_source=archive"
    fi
  done
}

vendor_said() { # the first error of apt's, or its first warning
  { grep '^E: ' "$place/said"; grep '^W: ' "$place/said"; } | head -n 1 | cut -c4- | tr -s ' '
}

vendor_why() {
  case $1 in
    *NO_PUBKEY* | *BADSIG* | *KEYSIG* | *[Ss]ignature* | *"not signed"* | *"Missing key"*)
      echo "$vendor_url is not signed with the key in @KEYFILE@ ($1); get the vendor's present key and look at it" ;;
    *)
      echo "$vendor_url cannot be used: ${1:-no reason was given}; let the host reach it, name a mirror with" \
        "vendor_apt_url, or deploy with install_source=archive" ;;
  esac
}

vendor_prepare() {
  ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt-get update -q || exit 1
  cp -a /var/lib/apt/lists/. "$place/lists/"
  apt-get update -q -c "$place/apt.conf" || exit 1
  for source in /etc/apt/sources.list.d/*; do
    [ ! -e "$source" ] || [ "$source" = $ours ] || ln -s "$source" "$place/sources/"
  done
  for pins in /etc/apt/preferences.d/*; do
    [ ! -e "$pins" ] || [ "${pins##*/}" = mmstack-vendor ] || ln -s "$pins" "$place/pins/"
  done
  sed -i 's#^Dir::Etc::sourcelist .*#Dir::Etc::sourcelist "/etc/apt/sources.list";#; /preferences "/d' "$place/apt.conf"
  # Vendors bring units that start at once with settings of their own; ours lie at the same path and must stay.
  echo 'Dpkg::Options { "--path-exclude=/etc/systemd/system/*"; };' >> "$place/apt.conf"
  apt_options="-c $place/apt.conf --allow-downgrades --allow-change-held-packages"
}
