"""Render every scene (or those named) with its true depth, and write the index.

    python -m make                 all of them (some minutes on two cores)
    python -m make tarn            only this one; the index keeps the others
    python -m make --draft tarn    a quick look, small, written to NAME.draft.png
    python -m make --check         only compare the files with the index
"""

import argparse
import hashlib
import importlib
import multiprocessing
import os
import pathlib
import sys
import zlib

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import photo, render

NAMES = ["tarn", "street", "still", "harbour", "viaduct", "urn"]
QUALITY, LIMIT, TILE = 90, 350_000, 96
HERE = pathlib.Path(__file__).resolve().parent.parent
_scene, _fine = None, True


def build(name, draft):
    global _scene, _fine
    _scene = importlib.import_module(f".{name}", __package__).scene()
    if draft:
        w, h = _scene.size
        _scene.size = (w // 3 // 2 * 2, h // 3 // 2 * 2)
    _fine = not draft


def work(spot):
    return spot, render.tile(_scene, spot, _fine)


def picture(name, draft):
    """Light and depth of the whole scene, tile by tile over the processors."""
    build(name, draft)
    w, h = _scene.size
    spots = [(y, min(y + TILE, h), x, min(x + TILE, w)) for y in range(0, h, TILE) for x in range(0, w, TILE)]
    light, depth = np.empty((h, w, 3), np.float32), np.empty((h, w), np.float32)
    with multiprocessing.Pool(len(os.sched_getaffinity(0)), build, (name, draft)) as pool:
        for (y0, y1, x0, x1), (c, z) in pool.imap_unordered(work, spots):
            light[y0:y1, x0:x1], depth[y0:y1, x0:x1] = c, z
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return Image.fromarray(photo.develop(light, _scene, rng)), *photo.depth_picture(depth, _scene)


def save(name, image, depth, near):
    path = HERE / f"{name}.jpg"
    for quality in range(QUALITY, 70, -2):
        image.save(path, quality=quality, subsampling="4:2:0", optimize=True)
        if path.stat().st_size <= LIMIT:
            break
    note = PngInfo()
    note.add_text("near_m", f"{near:.3f}")
    Image.fromarray(depth).save(HERE / "depth" / f"{name}.depth.png", pnginfo=note, optimize=True)
    print(f"{path.name}  {image.width}x{image.height}  {path.stat().st_size / 1000:.0f} kB", flush=True)


def index():
    """The index's text, for the scenes that are on disk."""
    lines = ["# The house scenes. Written by `python -m make`; see README.md.",
             '# depth = "inverse-turned": v = 1 - near_m / z, 0 nearest, 65535 the sky, z along the camera\'s axis.']
    for name in NAMES:
        module = importlib.import_module(f".{name}", __package__)
        photo_path, depth_path = HERE / f"{name}.jpg", HERE / "depth" / f"{name}.depth.png"
        if not photo_path.exists():
            continue
        with Image.open(photo_path) as i, Image.open(depth_path) as d:
            size, near = i.size, d.text["near_m"]
        sums = [hashlib.sha256(p.read_bytes()).hexdigest() for p in (photo_path, depth_path)]
        lines += ["", f"[{name}]", f'file = "{name}.jpg"', f'title = "{module.TITLE}"',
                  f"width = {size[0]}", f"height = {size[1]}", f'sha256 = "{sums[0]}"',
                  f'depth_file = "depth/{name}.depth.png"', f'depth_sha256 = "{sums[1]}"',
                  'depth = "inverse-turned"', f"near_m = {near}"]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="make", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--draft", action="store_true", help="small and quick, to NAME.draft.png")
    parser.add_argument("--check", action="store_true", help="compare the files with the index and render nothing")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(NAMES))
    if unknown:
        parser.error(f"no such scene: {', '.join(unknown)}")
    table = HERE / "scenes.toml"
    if given.check:
        same = table.read_text() == index()
        print("the index matches the files" if same else "the index does not match the files")
        sys.exit(not same)
    for name in given.names or NAMES:
        image, depth, near = picture(name, given.draft)
        if given.draft:
            image.save(HERE / f"{name}.draft.png")
        else:
            save(name, image, depth, near)
    if not given.draft:
        table.write_text(index())


if __name__ == "__main__":
    main()
