#!/bin/sh
# The Python of converters and evaluation: numpy, onnx, onnxruntime, pillow in an environment of its own (about 200 MB, half a
# minute). Done once; a second run does nothing. With other requirements the number goes up, here and where it is looked for:
# xtask/src/run.rs and `velatura packs pull`.
set -eu

version=1
home="${XDG_DATA_HOME:-$HOME/.local/share}/velatura/python/$version"
[ -e "$home/complete" ] && exit 0

command -v python3 >/dev/null || { echo "converting and evaluating need Python 3.11: install python3 and python3-venv" >&2; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "converting and evaluating need Python 3.11 or newer" >&2; exit 1; }
requirements="$(dirname "$(readlink -f "$0")")/requirements.txt"
echo "installing numpy, onnx, onnxruntime and pillow for the converters, in $home"
mkdir -p "$home"
exec 9>"$home.lock"
if command -v flock >/dev/null; then flock 9; fi
[ -e "$home/complete" ] && exit 0

python3 -m venv --clear "$home" || { echo "Python can't make an environment: install python3-venv" >&2; exit 1; }
"$home/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
"$home/bin/python" -c 'import numpy, onnx, onnxruntime, PIL'
touch "$home/complete"
