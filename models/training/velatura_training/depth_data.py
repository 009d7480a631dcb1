"""Labelled pictures for the depth network, cropped and coloured at random a batch at a time, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .depth_net import HINTS
from .split import is_judge, is_neither

WHITENED_ON = 200  # pictures from which the spread of the teacher's features is taken


class DepthLabels:
    """The arrays written by `depth_labels`, read lazily."""

    def __init__(self, folder: Path) -> None:
        self.images, self.depth, self.aspect = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("images", "depth", "aspect"))
        self._small: np.ndarray | None = None
        self.hints = {stride: np.load(folder / f"hint_{stride}.npy", mmap_mode="r") for stride in HINTS}
        self.names = [Path(line) for line in (folder / "names.txt").read_text().splitlines()]
        self.held_out = [i for i, name in enumerate(self.names) if is_judge(name)]
        self.train = [i for i, name in enumerate(self.names) if not is_judge(name) and not is_neither(name)]

    def images_for(self, size: int) -> np.ndarray:
        """The pictures, or half as large ones where crops of `size` need no more: reading them costs as much as a small network."""
        if size > 0.6 * self.images.shape[1]:
            return self.images
        if self._small is None:
            half = self.images.shape[1] // 2
            small = np.empty((len(self.images), half, half, 3), np.uint8)
            for i, image in enumerate(self.images):
                small[i] = image.reshape(half, 2, half, 2, 3).mean((1, 3)) + 0.5
            self._small = small
        return self._small

    def spread(self, stride: int) -> tuple[Tensor, Tensor]:
        """Mean and deviation [C, 1, 1] of the teacher's features over some of the training pictures."""
        some = self.hints[stride][self.train[:: max(1, len(self.train) // WHITENED_ON)]].astype(np.float32)
        mean, deviation = some.mean((0, 2, 3)), some.std((0, 2, 3)) + 1e-3
        return torch.from_numpy(mean)[:, None, None], torch.from_numpy(deviation)[:, None, None]


@dataclass(frozen=True)
class Batch:
    image: Tensor  # [n, 3, H, W] in [0, 1]
    depth: Tensor  # [n, 1, H/4, W/4]
    hints: dict[int, Tensor]  # the teacher's features, not whitened, at H / stride


def crop_grid(aspect: Tensor, shape: tuple[int, int], max_turn: float, rng: torch.Generator) -> Tensor:
    """Sampling grids [n, *shape, 2] for crops of squashed pictures of the given width / height.

    Half of the crops are the largest of their shape, since that is what the network will see; the others take 55 to 100 % of that.
    They are up to a sixth wider or narrower than the shape, mirrored half of the time, turned by up to `max_turn` radians in a quarter
    of the cases, and lie anywhere in the picture.
    """
    n = len(aspect)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(n).uniform_(low, high, generator=rng)

    wanted = shape[1] / shape[0] * uniform(0.86, 1.16)
    height = torch.minimum(torch.ones(n), aspect / wanted)
    height = height * torch.where(uniform(0, 1) < 0.5, torch.ones(n), uniform(0.55, 1.0))
    half_x, half_y = height * wanted / aspect, height
    centre_x, centre_y = uniform(-1, 1) * (1 - half_x), uniform(-1, 1) * (1 - half_y)
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    turn = uniform(-max_turn, max_turn) * (uniform(0, 1) < 0.25)
    cos, sin = turn.cos(), turn.sin()
    rows = torch.stack([
        torch.stack([mirror * half_x * cos, -half_y * sin / aspect, centre_x], 1),
        torch.stack([mirror * half_x * aspect * sin, half_y * cos, centre_y], 1),
    ], 1)
    return F.affine_grid(rows, [n, 1, *shape], align_corners=False)


def random_shape(size: int, rng: torch.Generator) -> tuple[int, int]:
    """Height and width of about size x size pixels: square, lying or standing."""
    longer = (0, 32, 32, -32)[int(torch.randint(4, (), generator=rng))]
    return size - longer, size + longer


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


def crops_at(labels: DepthLabels, picks: Sequence[int], grid: Tensor, device: torch.device) -> Batch:
    """The pictures `picks` and what belongs to them, sampled on `grid` [n, H, W, 2]."""
    def sample(array: np.ndarray, at: Tensor) -> Tensor:
        values = torch.from_numpy(array).to(device).float()
        return F.grid_sample(values, at, mode="bilinear", padding_mode="reflection", align_corners=False)

    def coarse(stride: int) -> Tensor:
        """The same crop on a grid that is `stride` times coarser."""
        return F.avg_pool2d(grid.permute(0, 3, 1, 2), stride).permute(0, 2, 3, 1)

    image = sample(np.ascontiguousarray(labels.images_for(max(grid.shape[1:3]))[picks].transpose(0, 3, 1, 2)), grid) / 255
    hints = {stride: sample(array[picks], coarse(stride)) for stride, array in labels.hints.items()}
    depth = F.avg_pool2d(sample(labels.depth[picks][:, None], coarse(2)), 2)
    return Batch(image, depth, hints)


def random_batch(
    sources: Sequence[DepthLabels], weights: Sequence[float], count: int, size: int, max_turn: float,
    rng: torch.Generator, device: torch.device,
) -> Batch:
    """Random crops of the training pictures of one source."""
    labels = sources[int(torch.multinomial(torch.tensor(weights), 1, generator=rng))]
    picks = sorted(labels.train[int(i)] for i in torch.randint(len(labels.train), (count,), generator=rng))
    grid = crop_grid(torch.tensor(labels.aspect[picks]), random_shape(size, rng), max_turn, rng).to(device)
    batch = crops_at(labels, picks, grid, device)
    return Batch(recolour(batch.image, rng), batch.depth, batch.hints)


def held_out_batch(labels: DepthLabels, size: int, device: torch.device, most: int = 64) -> Batch:
    """Held-out pictures, whole and squashed to squares."""
    picks = labels.held_out[:most]
    grid = F.affine_grid(torch.eye(2, 3).repeat(len(picks), 1, 1), [len(picks), 1, size, size], align_corners=False).to(device)
    return crops_at(labels, picks, grid, device)
