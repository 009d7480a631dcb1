"""Writes crops of pictures with the teacher's depth and what it saw on the way, for `train_depth`.

Each output folder has one shape of crop: `image.npy` u8 [n, H, W, 3], `depth.npy` f16 [n, H/4, W/4] (the teacher's log disparity,
larger = nearer), and for each place of `depth_teacher.SEEN` its features i8 [n, C, h, w] in the place's
steps. Held-out pictures (see `split`) are left out.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.format import open_memmap
from PIL import Image
from torch import Tensor

from .depth_teacher import SEEN, ask_teacher, open_teacher
from .images import list_pictures, read_rgb
from .split import trained_on

WHOLE = 0.5  # share of the crops that are as large as their shape allows, since that is what the network will see
SMALLEST_CROP = 0.55
RECOLOURED = 0.6  # share of the crops


def recolour(image: Tensor, rng: torch.Generator) -> Tensor:
    """Random haze, mixed channels, a fifth grey, exposure and gamma, so that colour alone says little; image [n, 3, H, W] in [0, 1]."""
    n = len(image)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.empty(n, *shape).uniform_(low, high, generator=rng).to(image.device)

    image = image - image.mean((2, 3), keepdim=True) * uniform(0, 0.1, 1, 1, 1)
    mix = torch.eye(3, device=image.device) * uniform(0.8, 1.2, 3, 1) + uniform(-0.2, 0.2, 3, 3)
    grey = torch.full((3, 3), 1 / 3, device=image.device)
    mix = torch.where(uniform(0, 1, 1, 1) < 0.2, grey, mix)
    image = torch.einsum("nij,njhw->nihw", mix, image) * uniform(0.7, 1.3, 1, 1, 1)
    return image.clamp(0, 1) ** uniform(0.65, 1.5, 1, 1, 1)


def random_view(path: Path, shape: tuple[int, int], rng: random.Random) -> np.ndarray:
    """A crop u8 [*shape, 3], a sixth wider or narrower at most than it was, mirrored half of the time, mostly recoloured."""
    picture = read_rgb(path)
    wanted = shape[1] / shape[0] * rng.uniform(0.86, 1.16)
    height = min(picture.height, picture.width / wanted) * (1.0 if rng.random() < WHOLE else rng.uniform(SMALLEST_CROP, 1.0))
    width = height * wanted
    x, y = rng.uniform(0, max(0.0, picture.width - width)), rng.uniform(0, max(0.0, picture.height - height))
    box = (x, y, min(x + width, picture.width), min(y + height, picture.height))
    pixels = np.asarray(picture.resize(shape[::-1], Image.LANCZOS, box=box))
    pixels = pixels[:, ::-1] if rng.random() < 0.5 else pixels
    if rng.random() >= RECOLOURED:
        return pixels
    image = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
    image = recolour(image, torch.Generator().manual_seed(rng.getrandbits(40)))
    return (image[0].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)


def label_share(worker: int, args: argparse.Namespace, collections: list[list[Path]]) -> None:
    """Every `workers`-th crop of the shared arrays."""
    torch.set_num_threads(1)
    rng, session = random.Random(args.seed * 100 + worker), open_teacher(args.teacher, seen=True)
    images, depth = (np.load(args.out / f"{name}.npy", mmap_mode="r+") for name in ("image", "depth"))
    places = {name: np.load(args.out / f"{name}.npy", mmap_mode="r+") for name in SEEN}
    for i in range(worker, args.count, args.workers):
        images[i] = random_view(rng.choice(rng.choices(collections, args.weights)[0]), tuple(args.shape), rng)
        answer, *seen = ask_teacher(session, images[i])
        depth[i] = F.avg_pool2d(torch.from_numpy(answer), 4).squeeze().numpy()
        for (name, array), features in zip(places.items(), seen, strict=True):
            array[i] = SEEN[name].stored(features[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, nargs="+", required=True, help="folders of photos and paintings")
    parser.add_argument("--weights", type=float, nargs="+", help="how often each folder is drawn; equally often if left away")
    parser.add_argument("--teacher", type=Path, required=True, help="tiefenrausch.onnx")
    parser.add_argument("--out", type=Path, required=True, help="folder for the arrays")
    parser.add_argument("--shape", type=int, nargs=2, default=[192, 256], help="height and width of the crops, multiples of 32")
    parser.add_argument("--count", type=int, default=3000, help="crops")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="single-threaded processes")
    args = parser.parse_args()
    collections = [trained_on(list_pictures(folder)) for folder in args.pictures]
    args.weights = args.weights or [1.0] * len(collections)
    args.out.mkdir(parents=True, exist_ok=True)
    height, width = args.shape
    open_memmap(args.out / "image.npy", "w+", np.uint8, (args.count, height, width, 3)).flush()
    open_memmap(args.out / "depth.npy", "w+", np.float16, (args.count, height // 4, width // 4)).flush()
    for name, place in SEEN.items():
        shape = (args.count, place.channels, height // place.stride, width // place.stride)
        open_memmap(args.out / f"{name}.npy", "w+", np.int8, shape).flush()
    shares = [mp.Process(target=label_share, args=(k, args, collections)) for k in range(args.workers)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    if any(share.exitcode for share in shares):
        raise SystemExit("a labelling process failed")


if __name__ == "__main__":
    main()
