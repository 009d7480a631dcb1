"""Paint every house style (or those named) and write the index.

    python -m make                  all of them
    python -m make nocturne sumi    only these; the index keeps the others
    python -m make --check          only compare the pictures with the index
"""

import argparse
import hashlib
import importlib
import pathlib
import sys
import zlib

import numpy as np
from PIL import Image

NAMES = ["nocturne", "harvest", "lagoon", "embers", "birchwood", "woodblock", "sumi", "burin", "glass", "verdigris", "meadow"]
SIZE, QUALITY, LIMIT = 640, 88, 150_000
HERE = pathlib.Path(__file__).resolve().parent.parent


def paint(name):
    """One style's picture; its seed is its name, so that it never depends on the others."""
    module = importlib.import_module(f".{name}", __package__)
    picture = module.paint(np.random.default_rng(zlib.crc32(name.encode())))
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)).resize((SIZE, SIZE), Image.LANCZOS)


def save(image, path):
    """A JPEG within the size limit: quality gives way first, never the size in pixels."""
    for quality in range(QUALITY, 70, -2):
        image.save(path, quality=quality, subsampling="4:2:0", optimize=True)
        if path.stat().st_size <= LIMIT:
            return
    raise SystemExit(f"{path.name} does not fit in {LIMIT} bytes")


def index():
    """The index's text, for the pictures as they are on disk."""
    lines = ["# The house styles. Written by `python -m make`; see README.md."]
    for name in NAMES:
        module = importlib.import_module(f".{name}", __package__)
        digest = hashlib.sha256((HERE / f"{name}.jpg").read_bytes()).hexdigest()
        lines += ["", f"[{name}]", f'file = "{name}.jpg"', f'title = "{module.TITLE}"',
                  f'description = "{module.DESCRIPTION}"', f'sha256 = "{digest}"']
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="make", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--check", action="store_true", help="compare the pictures with the index and paint nothing")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(NAMES))
    if unknown:
        parser.error(f"no such style: {', '.join(unknown)}")
    table = HERE / "styles.toml"
    if given.check:
        same = table.read_text() == index()
        print("the index matches the pictures" if same else "the index does not match the pictures")
        sys.exit(not same)
    for name in given.names or NAMES:
        path = HERE / f"{name}.jpg"
        save(paint(name), path)
        print(f"{path.name}  {path.stat().st_size / 1000:.0f} kB", flush=True)
    if all((HERE / f"{name}.jpg").exists() for name in NAMES):
        table.write_text(index())


main()
