# Installs one release from its wheels, offline. Arguments: release id, wheel, directory of wheels.
# Not current yet: nothing that runs is touched. A marker written last says that it is whole.
set -eu
umask 022
# An installation goes on when its operator vanishes; the next one waits here until it has ended.
exec 9>>/var/lib/mmstack/lock
flock 9
release=$1 wheel=$2 house=$3
directory=/opt/mm-bot/releases/$release
marker=/var/lib/mmstack/releases/$release
fresh=/opt/mm-bot/releases/.fresh
rm -rf "$fresh"
python3 -m venv --without-pip "$fresh/venv"
requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT
cat "$house/host-requirements.lock" > "$requirements"
echo "mmstack @ file://$wheel --hash=sha256:$(sha256sum "$wheel" | cut -c1-64)" >> "$requirements"
"$fresh/venv/bin/python" "$(ls "$house"/pip-*.whl)/pip" install --quiet --disable-pip-version-check --no-cache-dir \
  --no-compile --no-index --find-links "$house" --no-deps --require-hashes --root-user-action ignore -r "$requirements"
# Its commands name their interpreter by the path it will have.
grep -rlIF "$fresh" "$fresh/venv/bin" "$fresh/venv/pyvenv.cfg" | xargs sed -i "s#$fresh#$directory#g"
rm -f "$marker"
# A damaged release may still be running: its open files stay alive under another name until the restart.
if [ -e "$directory" ]; then mv "$directory" "$directory.damaged.$$"; fi
mv "$fresh" "$directory"
"$directory/venv/bin/python" -m compileall -q -j 0 "$directory/venv/lib"
cd "$directory"
digest=$({ find . -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  find . -type l -printf '%p -> %l\n' | LC_ALL=C sort; } | sha256sum | cut -c1-64)
fingerprint=$(@FINGERPRINT@)
printf '%s\n%s\n' "$fingerprint" "$digest" > "$marker"
# The host keeps one set of wheels: the next release with the same lock needs no upload of it.
find "$(dirname "$house")" -mindepth 1 -maxdepth 1 ! -path "$house" -exec rm -rf {} +
