"""Labelled crops for the depth network, a batch at a time, on any device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .depth_teacher import SEEN

MEASURED_ON = 200  # crops from which the spread of the teacher's features is taken


@dataclass(frozen=True)
class Batch:
    image: Tensor  # [n, 3, H, W] in [0, 1]
    depth: Tensor  # [n, 1, H/4, W/4]
    seen: dict[str, Tensor]  # the teacher's features


class DepthLabels:
    """The arrays written by `depth_labels` into one folder, read lazily."""

    def __init__(self, folder: Path) -> None:
        self.images, self.depth = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("images", "depth"))
        self.seen = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in SEEN}

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, picks: list[int], device: torch.device) -> Batch:
        """The crops `picks`, which are in ascending order."""
        def on_device(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array[picks]).to(device)

        image = on_device(self.images).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
        seen = {name: on_device(array).float() * (SEEN[name].range / 127) for name, array in self.seen.items()}
        seen = {name: features.contiguous(memory_format=torch.channels_last) for name, features in seen.items()}
        return Batch(image, on_device(self.depth).float()[:, None], seen)

    def random_batch(self, count: int, rng: torch.Generator, device: torch.device) -> Batch:
        return self.batch(sorted(int(i) for i in torch.randint(len(self), (count,), generator=rng)), device)

    def spread(self, device: torch.device) -> dict[str, Tensor]:
        """Deviation [C, 1, 1] of the teacher's features in each channel."""
        seen = self.batch(list(range(0, len(self), max(1, len(self) // MEASURED_ON))), device).seen
        return {name: features.std((0, 2, 3))[:, None, None] + 1e-3 for name, features in seen.items()}
