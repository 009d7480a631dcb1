"""Writes triples of a photo crop, a painting crop and the teacher's picture of the two, for `train_style`.

Output folder: `photo.npy`, `painting.npy` and `taught.npy`, each u8 [n, S, S, 3]. Part of the paintings are made more saturated and
turned in hue, since most of the collection is earth-coloured. Held-out pictures (see `split`) are left out.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing as mp
import random
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.lib.format import open_memmap

from .images import list_pictures, random_crop
from .split import trained_on

NAMES = ("photo", "painting", "taught")
SMALLEST_PHOTO_CROP, SMALLEST_PAINTING_CROP = 0.6, 0.7


def recolour(pixels: np.ndarray, turn: float, saturation: float) -> np.ndarray:
    """Hue turned by `turn` radians about the grey axis, distance from it multiplied; u8 [H, W, 3]."""
    axis = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    matrix = axis + saturation * (math.cos(turn) * (np.eye(3) - axis) + math.sin(turn) * cross)
    return np.clip(pixels @ matrix.T + 0.5, 0, 255).astype(np.uint8)


def random_painting(collections: list[list[Path]], size: int, rng: random.Random, smallest: float = SMALLEST_PAINTING_CROP,
                    recoloured: float = 0.5) -> np.ndarray:
    """A crop from a collection drawn at random, as small as `smallest` of its short side, recoloured in a share of the cases."""
    pixels = random_crop(rng.choice(rng.choice(collections)), size, smallest, rng)
    if rng.random() >= recoloured:
        return pixels
    turn = rng.uniform(-math.pi, math.pi) if rng.random() < 0.6 else 0.0
    return recolour(pixels, turn, rng.uniform(1.0, 1.8))


class Teacher:
    """An arbitrary-style network as ONNX: photo and painting f32 [1, 3, S, S] in [0, 1] to the painted picture."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._inputs = [value.name for value in self._session.get_inputs()]

    def paint(self, photo: np.ndarray, painting: np.ndarray) -> np.ndarray:
        """u8 [S, S, 3] both, u8 out."""
        tensors = [p.transpose(2, 0, 1)[None].astype(np.float32) / 255 for p in (photo, painting)]
        painted = self._session.run(None, dict(zip(self._inputs, tensors)))[0][0]
        return (np.clip(painted, 0, 1).transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8)


def fill_share(worker: int, args: argparse.Namespace, photos: list[Path], paintings: list[list[Path]]) -> None:
    """Every `workers`-th triple of the shared arrays."""
    rng, teacher = random.Random(args.seed * 100 + worker), Teacher(args.teacher)
    arrays = [np.load(args.out / f"{name}.npy", mmap_mode="r+") for name in NAMES]
    for i in range(worker, args.count, args.workers):
        photo = random_crop(rng.choice(photos), args.size, SMALLEST_PHOTO_CROP, rng)
        painting = random_painting(paintings, args.size, rng)
        for array, pixels in zip(arrays, (photo, painting, teacher.paint(photo, painting))):
            array[i] = pixels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--paintings", type=Path, nargs="+", required=True, help="folders, each drawn equally often")
    parser.add_argument("--teacher", type=Path, required=True, help="microast.onnx")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--count", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    photos, *paintings = (trained_on(list_pictures(folder)) for folder in (args.photos, *args.paintings))
    args.out.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        open_memmap(args.out / f"{name}.npy", "w+", np.uint8, (args.count, args.size, args.size, 3)).flush()
    shares = [mp.Process(target=fill_share, args=(k, args, photos, paintings)) for k in range(args.workers)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    if any(share.exitcode for share in shares):
        raise SystemExit("a process failed")


if __name__ == "__main__":
    main()
