"""Writes the teacher's depth of every picture below a folder, for `train_depth`.

Output folder: `images.npy` u8 [n, S, S, 3] (pictures squashed to squares), `depth.npy` f16 [n, S, S] (the teacher's log disparity,
larger = nearer, median and mean deviation removed), `aspect.npy` f32 [n] (width / height before squashing), `names.txt`.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.lib.format import open_memmap
from PIL import Image

from .images import fit_long_side, list_pictures, read_rgb

TEACHER_LONG_SIDE = 384
TEACHER_MULTIPLE = 32


def open_teacher(path: Path) -> ort.InferenceSession:
    """The teacher on one thread: RGB / 255, f32 [1, 3, H, W] to log disparity [1, 1, H, W]."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def teacher_depth(session: ort.InferenceSession, picture: Image.Image) -> np.ndarray:
    """Log disparity f32 [h, w] of a picture whose sides are multiples of 32; larger = nearer."""
    pixels = np.asarray(picture).transpose(2, 0, 1)[None].astype(np.float32) / 255
    return session.run(None, {session.get_inputs()[0].name: pixels})[0].squeeze()


def standardise(depth: np.ndarray) -> np.ndarray:
    """Median and mean absolute deviation removed."""
    centred = depth - np.median(depth)
    return centred / (np.abs(centred).mean() + 1e-6)


def label_share(worker: int, workers: int, args: argparse.Namespace, paths: list[Path]) -> None:
    """Labels every `workers`-th picture into the shared arrays."""
    session = open_teacher(args.teacher)
    images, depths, aspect = (np.load(args.out / f"{name}.npy", mmap_mode="r+") for name in ("images", "depth", "aspect"))
    square = (args.size, args.size)
    for i in range(worker, len(paths), workers):
        picture = fit_long_side(read_rgb(paths[i]), TEACHER_LONG_SIDE, TEACHER_MULTIPLE)
        depth = Image.fromarray(teacher_depth(session, picture).astype(np.float32))
        images[i] = np.asarray(picture.resize(square, Image.LANCZOS))
        depths[i] = standardise(np.asarray(depth.resize(square, Image.BILINEAR)))
        aspect[i] = picture.width / picture.height


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of photos")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx")
    parser.add_argument("--out", type=Path, required=True, help="folder for the arrays")
    parser.add_argument("--size", type=int, default=288, help="side of the stored squares, pixels")
    parser.add_argument("--workers", type=int, default=2, help="single-threaded processes")
    args = parser.parse_args()
    paths = list_pictures(args.pictures)
    args.out.mkdir(parents=True, exist_ok=True)
    shape = (len(paths), args.size, args.size)
    open_memmap(args.out / "images.npy", "w+", np.uint8, (*shape, 3)).flush()
    open_memmap(args.out / "depth.npy", "w+", np.float16, shape).flush()
    open_memmap(args.out / "aspect.npy", "w+", np.float32, shape[:1]).flush()
    (args.out / "names.txt").write_text("".join(f"{p.relative_to(args.pictures)}\n" for p in paths))
    shares = [mp.Process(target=label_share, args=(k, args.workers, args, paths)) for k in range(args.workers)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    if any(share.exitcode for share in shares):
        raise SystemExit("a labelling process failed")


if __name__ == "__main__":
    main()
