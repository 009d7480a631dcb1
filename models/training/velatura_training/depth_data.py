"""Labelled pictures for the depth network, cropped and coloured at random a batch at a time, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

HELD_OUT = 25  # every 25th picture is never trained on


def is_held_out(index: int) -> bool:
    return index % HELD_OUT == 0


class DepthLabels:
    """The arrays written by `depth_labels`, read lazily."""

    def __init__(self, folder: Path) -> None:
        self.images, self.depth, self.aspect = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("images", "depth", "aspect"))
        self.train = [i for i in range(len(self.images)) if not is_held_out(i)]
        self.held_out = [i for i in range(len(self.images)) if is_held_out(i)]


def crop_grid(aspect: Tensor, size: int, max_turn: float, rng: torch.Generator) -> Tensor:
    """Sampling grids [n, size, size, 2] for crops of squashed pictures of the given width / height.

    A crop takes 55 to 100 % of the height, is up to a third wider or narrower than high, mirrored half of the time, turned by up to
    `max_turn` radians in half of the cases, and lies anywhere in the picture.
    """
    n = len(aspect)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(n).uniform_(low, high, generator=rng)

    height = uniform(0.55, 1.0)
    width = torch.minimum(aspect, height * uniform(0.75, 1.4))
    height = torch.minimum(height, width / 0.7)
    half_x, half_y = width / aspect, height
    centre_x, centre_y = uniform(-1, 1) * (1 - half_x), uniform(-1, 1) * (1 - half_y)
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    turn = uniform(-max_turn, max_turn) * (uniform(0, 1) < 0.5)
    cos, sin = turn.cos(), turn.sin()
    rows = torch.stack([
        torch.stack([mirror * half_x * cos, -half_y * sin / aspect, centre_x], 1),
        torch.stack([mirror * half_x * aspect * sin, half_y * cos, centre_y], 1),
    ], 1)
    return F.affine_grid(rows, [n, 1, size, size], align_corners=False)


def recolour(image: Tensor, rng: torch.Generator) -> Tensor:
    """Random haze, white balance, exposure and gamma; image [n, 3, H, W] in [0, 1]."""
    n = len(image)

    def uniform(channels: int, low: float, high: float) -> Tensor:
        return torch.empty(n, channels, 1, 1).uniform_(low, high, generator=rng).to(image.device)

    image = image - image.mean((2, 3), keepdim=True) * uniform(1, 0, 0.1)
    image = (image * uniform(3, 0.8, 1.2) * uniform(1, 0.7, 1.3)).clamp(0, 1)
    return image ** uniform(1, 0.7, 1.4)


def random_batch(
    sources: Sequence[DepthLabels], weights: Sequence[float], count: int, size: int, max_turn: float,
    rng: torch.Generator, device: torch.device,
) -> tuple[Tensor, Tensor]:
    """Images [count, 3, size, size] in [0, 1] and depths [count, 1, size, size] of random crops from one source."""
    labels = sources[int(torch.multinomial(torch.tensor(weights), 1, generator=rng))]
    picks = sorted(labels.train[int(i)] for i in torch.randint(len(labels.train), (count,), generator=rng))
    grid = crop_grid(torch.tensor(labels.aspect[picks]), size, max_turn, rng).to(device)
    image = torch.from_numpy(labels.images[picks]).to(device).permute(0, 3, 1, 2).float() / 255
    depth = torch.from_numpy(labels.depth[picks]).to(device)[:, None].float()
    image = F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    depth = F.grid_sample(depth, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    return recolour(image, rng), depth
