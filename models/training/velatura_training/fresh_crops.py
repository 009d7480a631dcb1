"""Fresh crops for the depth network: drawn on the device from pictures that lie there, the teacher asked about each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .depth_labels import RECOLOURED, SMALLEST_CROP, WHOLE, recolour
from .images import read_rgb
from .split import trained_on
from .teacher_net import TeacherNet

SHAPES = ((288, 384), (384, 288), (256, 384), (384, 256))  # heights and widths, as the network will see most photos
LONGEST = 448  # pixels of a picture that is kept: crops are hardly smaller, so that between-pixel values need no wider filter
MIXED = 0.2  # share of the crops with another one shining through: no photo looks so, but there, too, the teacher says what it sees


class Pictures:
    """Pictures on a device, one after another in a long array, u8 [pixels, 3]."""

    def __init__(self, paths: list[Path], device: torch.device) -> None:
        with ThreadPoolExecutor() as threads:
            kept = list(threads.map(_pixels, paths))
        self.sizes = torch.tensor([picture.shape[:2] for picture in kept])  # heights and widths
        self.starts = torch.cat((torch.zeros(1, dtype=torch.long), self.sizes.prod(1).cumsum(0)[:-1])).to(device)
        self.pixels = torch.from_numpy(np.concatenate([picture.reshape(-1, 3) for picture in kept])).to(device)

    def __len__(self) -> int:
        return len(self.sizes)

    def crops(self, picks: Tensor, boxes: Tensor, shape: tuple[int, int]) -> Tensor:
        """f32 [n, 3, *shape] in [0, 1] of the pictures `picks` [n], bilinear; `boxes` [n, 4] are top, left, bottom and right in pixels, a
        mirrored crop's right being less than its left."""
        device = self.pixels.device
        starts, sizes, boxes = self.starts[picks.to(device)], self.sizes[picks].to(device), boxes.to(device)
        y, x = (boxes[:, axis, None] + (boxes[:, axis + 2] - boxes[:, axis])[:, None] * _centres(shape[axis], device) - 0.5 for axis in (0, 1))
        (top, bottom, down), (left, right, along) = _neighbours(y, sizes[:, :1]), _neighbours(x, sizes[:, 1:])

        def at(row: Tensor, column: Tensor) -> Tensor:
            return self.pixels[starts[:, None, None] + row[:, :, None] * sizes[:, 1, None, None] + column[:, None, :]].float()

        down, along = down[:, :, None, None], along[:, None, :, None]
        upper = torch.lerp(at(top, left), at(top, right), along)
        return torch.lerp(upper, torch.lerp(at(bottom, left), at(bottom, right), along), down).permute(0, 3, 1, 2) / 255


def _pixels(path: Path) -> np.ndarray:
    picture = read_rgb(path)
    picture.thumbnail((LONGEST, LONGEST), Image.LANCZOS)
    return np.asarray(picture)


def _centres(count: int, device: torch.device) -> Tensor:
    return (torch.arange(count, device=device) + 0.5) / count


def _neighbours(place: Tensor, size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The pixels before and after each place [n, count] in pictures of `size` [n, 1], and how far it is from the first."""
    place = torch.minimum(place.clamp(min=0), size - 1.0)
    before = place.long()
    return before, torch.minimum(before + 1, size - 1), place - before


def random_boxes(sizes: Tensor, shape: tuple[int, int], rng: torch.Generator) -> Tensor:
    """For `Pictures.crops`, as `depth_labels.random_view` draws them."""
    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(len(sizes)).uniform_(low, high, generator=rng)

    wanted = shape[1] / shape[0] * uniform(0.86, 1.16)
    share = torch.where(uniform(0, 1) < WHOLE, 1.0, uniform(SMALLEST_CROP, 1))
    height = torch.minimum(sizes[:, 0], sizes[:, 1] / wanted) * share
    width = height * wanted
    top, left = uniform(0, 1) * (sizes[:, 0] - height), uniform(0, 1) * (sizes[:, 1] - width)
    ends = torch.stack((left, left + width))
    left, right = torch.where(uniform(0, 1) < 0.5, ends.flip(0), ends)
    return torch.stack((top, left, top + height, right), 1)


class FreshCrops:
    """Crops of pictures that training may see, anew at each step, with what the teacher sees in them."""

    def __init__(self, collections: list[list[Path]], weights: list[float], teacher: Path, device: torch.device) -> None:
        self.collections = [Pictures(trained_on(paths), device) for paths in collections]
        self.weights, self.device = torch.tensor(weights, dtype=torch.float), device
        self.teacher = TeacherNet(teacher).to(device, memory_format=torch.channels_last)

    def images(self, shape: tuple[int, int], count: int, rng: torch.Generator) -> Tensor:
        """f32 [count, 3, *shape] in [0, 1]."""
        shares = torch.multinomial(self.weights, count, replacement=True, generator=rng).bincount(minlength=len(self.weights)).tolist()
        drawn = []
        for pictures, share in zip(self.collections, shares, strict=True):
            picks = torch.randint(len(pictures), (share,), generator=rng)
            drawn.append(pictures.crops(picks, random_boxes(pictures.sizes[picks], shape, rng), shape))
        image = torch.cat(drawn)[torch.randperm(count, generator=rng).to(self.device)]
        recoloured, other = torch.rand(2, count, 1, 1, 1, generator=rng).to(self.device)
        image = torch.where(recoloured < RECOLOURED, recolour(image, rng), image)
        return torch.lerp(image, image.roll(1, 0), (other / MIXED) * (other < MIXED)).contiguous(memory_format=torch.channels_last)

    def draw(self, shape: tuple[int, int], count: int, rng: torch.Generator) -> dict[str, Tensor]:
        """Crops, "image", with their "depth" and what the teacher sees at the places of `SEEN`."""
        image = self.images(shape, count, rng)
        with torch.autocast(self.device.type, torch.float16, enabled=self.device.type == "cuda"):
            return {"image": image} | self.teacher(image)
