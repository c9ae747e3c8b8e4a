# Puts one program in its place. Arguments: where it arrived, its path, its SHA-256, its marker.
# Its path names version and content: what runs is not touched. The marker, written last, says that it is whole.
set -eu
umask 022
arrived=$1 path=$2 sha256=$3 marker=$4
exec 9>>/var/lib/mmstack/lock
flock 9
echo "$sha256  $arrived" | sha256sum --check --status || { rm -f "$arrived"; echo "$path did not arrive whole"; exit 1; }
mkdir -p "${path%/*}"
mkdir -p -m 0700 "${marker%/*}"
chown root:root "$arrived"
chmod 0755 "$arrived"
rm -f "$marker"
mv "$arrived" "$path"
printf '%s\n%s\n' "$sha256" "$(@PRINT@ "$path")" > "$marker"
