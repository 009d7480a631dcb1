"""Crops of photos and paintings with what the loss networks see in them, worked out once.

`python -m velatura_training.style_data` writes into a folder `photo.npy` and `painting.npy` u8 [n, S, S, 3], `deep.npy` f16
[n, C, S/8, S/8] (the photo's deepest features) and `moments.npy` f32 [n, M] (the painting's means and deviations in both loss
networks). Any photo goes with any painting. Held-out pictures (see `split`) are left out.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from torch import Tensor

from .images import list_pictures, random_crop
from .paintings import SMALLEST_PAINTING_CROP, random_painting
from .precision import half_precision
from .proxy_vgg import LAYERS, ProxyVgg
from .split import trained_on
from .squeezenet import SqueezeNet
from .style_losses import Moments, style_moments

ARRAYS = ("photo", "painting", "deep", "moments")
SMALLEST_PHOTO_CROP = 0.6  # as a share of the short side
CHUNK = 16  # pictures that the loss networks see at once


@dataclass(frozen=True)
class Batch:
    photo: Tensor  # [n, 3, S, S] in [0, 1]
    painting: Tensor  # [n, 3, S, S] in [0, 1]
    deep: Tensor  # of the photo
    moments: Moments  # of the painting


def pictures(array: np.ndarray, device: torch.device) -> Tensor:
    """u8 [n, S, S, 3] to [n, 3, S, S] in [0, 1]."""
    image = torch.from_numpy(array).to(device).permute(0, 3, 1, 2).float() / 255
    return image.contiguous(memory_format=torch.channels_last)


class StyleData:
    """The arrays of a folder, read lazily."""

    def __init__(self, folder: Path) -> None:
        self.arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}

    def random_batch(self, count: int, rng: torch.Generator, device: torch.device) -> Batch:
        """Photos and, drawn apart, paintings."""
        photos, paintings = (
            sorted(int(i) for i in torch.randint(len(self.arrays["photo"]), (count,), generator=rng)) for _ in range(2))
        paintings = [paintings[int(i)] for i in torch.randperm(count, generator=rng)]
        deep = torch.from_numpy(self.arrays["deep"][photos]).to(device)
        moments = torch.from_numpy(self.arrays["moments"][paintings]).to(device)
        photo, painting = pictures(self.arrays["photo"][photos], device), pictures(self.arrays["painting"][paintings], device)
        return Batch(photo, painting, deep, Moments.from_flat(moments))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--paintings", type=Path, nargs="+", required=True, help="folders, each drawn equally often")
    parser.add_argument("--teachers", type=Path, required=True, help="folder of vgg16x_encoder4.npz and squeezenet10.npz")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--smallest-painting", type=float, default=SMALLEST_PAINTING_CROP, help="shortest crop as a share of the short side")
    parser.add_argument("--recoloured", type=float, default=0.5, help="share of the paintings that are turned in hue and saturated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    photos, *paintings = (trained_on(list_pictures(folder)) for folder in (args.photos, *args.paintings))
    rng, device = random.Random(args.seed), torch.device(args.device)
    vgg = ProxyVgg(args.teachers / "vgg16x_encoder4.npz").to(device)
    squeezenet = SqueezeNet(args.teachers / "squeezenet10.npz").to(device)
    args.out.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    for first in range(0, args.count, CHUNK):
        some = range(first, min(first + CHUNK, args.count))
        made = {
            "photo": np.stack([random_crop(rng.choice(photos), args.size, SMALLEST_PHOTO_CROP, rng) for _ in some]),
            "painting": np.stack([random_painting(paintings, args.size, rng, args.smallest_painting, args.recoloured) for _ in some]),
        }
        with torch.no_grad(), half_precision(device):
            painting = pictures(made["painting"], device)
            made["deep"] = vgg(pictures(made["photo"], device))[LAYERS[-1]].half().cpu().numpy()
            made["moments"] = style_moments(vgg, vgg(painting), squeezenet(painting)).flat().cpu().numpy()
        for name, values in made.items():
            if first == 0:
                arrays[name] = open_memmap(args.out / f"{name}.npy", "w+", values.dtype, (args.count, *values.shape[1:]))
            arrays[name][some.start : some.stop] = values


if __name__ == "__main__":
    main()
