# Unpacks the archive on standard input to $0. What is to be sealed is plain in memory only: arguments are its path,
# its name and the key, three words a file.
set -eu
umask 077
rm -rf "$0"
mkdir -p "$0"
rm -rf /run/mmstack.?????? # of a run that was killed
room=$(mktemp -d /run/mmstack.XXXXXX)
trap 'rm -rf "$room"' EXIT
trap 'exit 1' HUP INT TERM
base64 -d | tar -xzf - -C "$room" --no-same-owner
while [ $# -gt 0 ]; do
  plain=$room/tree$1
  said=$(systemd-creds encrypt --with-key="$3" --name="$2" -- "$plain" "$plain.sealed" 2>&1) ||
    { echo "$2 cannot be sealed with the key of $3: $said"; exit 1; }
  mv "$plain.sealed" "$plain"
  shift 3
done
cp -R "$room/." "$0"
