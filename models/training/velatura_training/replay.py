"""Crops that the teacher is asked about once and the network learns from a few times: on a GPU asking costs as much as learning."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from .depth_teacher import SEEN
from .fresh_crops import SHAPES, FreshCrops

FRESH = 0.25  # of a batch, once so many are kept that the others differ from it
KEPT = 5000  # of each shape; 1.8 MB each at 288 x 384, so some 35 GB of the device in all


class Shelf:
    """The latest crops of one shape, with their channels last: pictures u8, depth f16, what the teacher saw i8 in steps."""

    def __init__(self, kept: int) -> None:
        self.kept, self.put_so_far = kept, 0
        self.arrays: dict[str, Tensor] = {}

    def __len__(self) -> int:
        return min(self.put_so_far, self.kept)

    def put(self, crops: dict[str, Tensor]) -> Tensor:
        """In the place of the oldest; returns where."""
        stored = {name: _stored(name, values.permute(0, 2, 3, 1)) for name, values in crops.items()}
        self.arrays = self.arrays or {name: values.new_empty((self.kept, *values.shape[1:])) for name, values in stored.items()}
        count = len(crops["image"])
        where = torch.arange(self.put_so_far, self.put_so_far + count) % self.kept
        for name, values in stored.items():
            self.arrays[name][where.to(values.device)] = values
        self.put_so_far += count
        return where

    def take(self, picks: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
        """As they were put, f32 [n, C, h, w]."""
        taken = {name: self.arrays[name][picks.to(self.arrays[name].device)].permute(0, 3, 1, 2).float() for name in names}
        return {name: values * _step(name) for name, values in taken.items()}


def _step(name: str) -> float:
    return SEEN[name].step if name in SEEN else 1 / 255 if name == "image" else 1.0


def _stored(name: str, values: Tensor) -> Tensor:
    if name == "depth":
        return values.half()
    steps = (values / _step(name)).round()
    return steps.clamp(0, 255).byte() if name == "image" else steps.clamp(-127, 127).char()


class Replay:
    """Batches of which a quarter is fresh."""

    def __init__(self, crops: FreshCrops, kept: int = KEPT) -> None:
        self.crops, self.shelves = crops, {shape: Shelf(kept) for shape in SHAPES}

    def batch(self, pixels: int, rng: torch.Generator, names: Iterable[str]) -> dict[str, Tensor]:
        """Crops of one shape, so many that they have `pixels` together, and of what the teacher saw in them what is asked for."""
        shape = SHAPES[int(torch.randint(len(SHAPES), (), generator=rng))]
        count = max(1, round(pixels / (shape[0] * shape[1])))
        shelf = self.shelves[shape]
        fresh = count if len(shelf) < count / FRESH else max(1, round(count * FRESH))
        where = shelf.put(self.crops.draw(shape, fresh, rng))
        others = torch.randint(len(shelf), (count - fresh,), generator=rng)
        return shelf.take(torch.cat((where, others)), names)
