# Identity of a release tree: content of its files and targets of its links, not their owners or times.
# Usage: sh release_digest.sh DIRECTORY; prints one sha256. The deploy computes the same when it installs a release.
cd "$1" && {
  find . -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  find . -type l -printf '%p -> %l\n' | LC_ALL=C sort
} | sha256sum
