# Puts one program in its place. Arguments: where it arrived, its path, its SHA-256, its marker, and of a program that
# comes as a tar with the files it needs, where in that folder it lies ("" for one that is a single file).
# Its path names version and content: what runs is not touched. The marker, written last, says that it is whole.
set -eu
umask 022
arrived=$1 path=$2 sha256=$3 marker=$4 inside=$5
exec 9>>/var/lib/mmstack/lock
flock 9
echo "$sha256  $arrived" | sha256sum --check --status || { rm -f "$arrived"; echo "$path did not arrive whole"; exit 1; }
mkdir -p "${path%/*}"
mkdir -p -m 0700 "${marker%/*}"
chown root:root "$arrived"
chmod 0755 "$arrived"
rm -f "$marker"
if [ -n "$inside" ]; then
  rm -rf "$path.new"
  mkdir "$path.new"
  tar -xzf "$arrived" -C "$path.new" --strip-components=1 --no-same-owner --no-same-permissions
  [ -x "$path.new/$inside" ] || { rm -rf "$path.new" "$arrived"; echo "$path has no $inside in it"; exit 1; }
  rm -rf "$path" "$arrived"
  mv "$path.new" "$path"
else
  mv "$arrived" "$path"
fi
printf '%s\n%s\n' "$sha256" "$(@PRINT@ "$path")" > "$marker"
