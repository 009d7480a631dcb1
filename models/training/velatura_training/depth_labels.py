"""Writes the teacher's depth of every picture below a folder, and what it saw on the way, for `train_depth`.

Output folder: `images.npy` u8 [n, S, S, 3] (pictures squashed to squares), `depth.npy` f16 [n, S, S] (the teacher's log disparity,
larger = nearer, median and mean deviation removed), `aspect.npy` f32 [n] (width / height before squashing), `names.txt`, and for each
of `HINTS` its features `hint_K.npy` f16 [n, C, s, s], squashed likewise, at the teacher's stride K.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F
from numpy.lib.format import open_memmap
from PIL import Image

from .depth_net import HINTS
from .images import fit_long_side, list_pictures, read_rgb

TEACHER_LONG_SIDE = 384
TEACHER_MULTIPLE = 32
# Where the features of `HINTS` are: stride -> (name in the teacher's graph, side of the stored squares).
SEEN = {8: ("543_int8_pre", 36), 16: ("517_int8_pre", 24), 32: ("379_int8_pre", 12)}


def open_teacher(path: Path, hints: bool = False) -> ort.InferenceSession:
    """The teacher on one thread: RGB / 255, f32 [1, 3, H, W] to log disparity [1, 1, H, W] and, if asked, its hints."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnx.load(path)
    if hints:
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name, _ in SEEN.values())
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def ask_teacher(session: ort.InferenceSession, picture: Image.Image) -> list[np.ndarray]:
    """All outputs for a picture whose sides are multiples of 32."""
    pixels = np.asarray(picture).transpose(2, 0, 1)[None].astype(np.float32) / 255
    return session.run(None, {session.get_inputs()[0].name: pixels})


def teacher_depth(session: ort.InferenceSession, picture: Image.Image) -> np.ndarray:
    """Log disparity f32 [h, w] of a picture whose sides are multiples of 32; larger = nearer."""
    return ask_teacher(session, picture)[0].squeeze()


def standardise(depth: np.ndarray) -> np.ndarray:
    """Median and mean absolute deviation removed."""
    centred = depth - np.median(depth)
    return centred / (np.abs(centred).mean() + 1e-6)


def squash(features: np.ndarray, side: int) -> np.ndarray:
    """[1, C, h, w] to [C, side, side], averaging or interpolating."""
    square = F.interpolate(torch.from_numpy(features), size=(side, side), mode="bilinear", antialias=True)
    return square[0].numpy()


def label_share(worker: int, workers: int, args: argparse.Namespace, paths: list[Path]) -> None:
    """Labels every `workers`-th picture into the shared arrays."""
    torch.set_num_threads(1)
    session = open_teacher(args.teacher, hints=True)
    images, depths, aspect = (np.load(args.out / f"{name}.npy", mmap_mode="r+") for name in ("images", "depth", "aspect"))
    hints = [np.load(args.out / f"hint_{stride}.npy", mmap_mode="r+") for stride in SEEN]
    square = (args.size, args.size)
    for i in range(worker, len(paths), workers):
        picture = fit_long_side(read_rgb(paths[i]), args.long_side, TEACHER_MULTIPLE)
        depth, *features = ask_teacher(session, picture)
        images[i] = np.asarray(picture.resize(square, Image.LANCZOS))
        depths[i] = standardise(np.asarray(Image.fromarray(depth.squeeze()).resize(square, Image.BILINEAR)))
        aspect[i] = picture.width / picture.height
        for array, seen in zip(hints, features, strict=True):
            array[i] = squash(seen, array.shape[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of photos")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx")
    parser.add_argument("--out", type=Path, required=True, help="folder for the arrays")
    parser.add_argument("--size", type=int, default=288, help="side of the stored squares, pixels")
    parser.add_argument("--long-side", type=int, default=TEACHER_LONG_SIDE, help="pixels that the teacher sees")
    parser.add_argument("--every", type=int, default=1, help="label only every n-th picture")
    parser.add_argument("--workers", type=int, default=2, help="single-threaded processes")
    args = parser.parse_args()
    paths = list_pictures(args.pictures)[:: args.every]
    args.out.mkdir(parents=True, exist_ok=True)
    shape = (len(paths), args.size, args.size)
    open_memmap(args.out / "images.npy", "w+", np.uint8, (*shape, 3)).flush()
    open_memmap(args.out / "depth.npy", "w+", np.float16, shape).flush()
    open_memmap(args.out / "aspect.npy", "w+", np.float32, shape[:1]).flush()
    for stride, (_, side) in SEEN.items():
        open_memmap(args.out / f"hint_{stride}.npy", "w+", np.float16, (len(paths), HINTS[stride], side, side)).flush()
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
