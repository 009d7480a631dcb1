#!/bin/sh
# The S3 server of the tests: moto, in a Python environment of its own (about 320 MB, a minute). Done once; a second run
# does nothing.
set -eu

version=5.2.5
home="${XDG_DATA_HOME:-$HOME/.local/share}/velatura/moto/$version"
[ -e "$home/complete" ] && exit 0

command -v python3 >/dev/null || { echo "the S3 server of the tests needs Python 3: install python3 and python3-venv" >&2; exit 1; }
echo "installing moto $version, the S3 server of the tests, in $home"
mkdir -p "$home"
exec 9>"$home.lock"
if command -v flock >/dev/null; then flock 9; fi
[ -e "$home/complete" ] && exit 0

python3 -m venv --clear "$home" || { echo "Python can't make an environment: install python3-venv" >&2; exit 1; }
"$home/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$version"
"$home/bin/python" -c 'import moto.server'
touch "$home/complete"
