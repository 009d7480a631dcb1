"""Labelled crops for the depth network, a batch at a time, on any device."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .depth_teacher import SEEN


class DepthLabels:
    """The arrays written by `depth_labels` into one folder, read lazily."""

    def __init__(self, folder: Path) -> None:
        self.arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("image", "depth", *SEEN)}

    def __len__(self) -> int:
        return len(self.arrays["image"])

    @property
    def pixels(self) -> int:
        """Of a crop."""
        return self.arrays["image"].shape[1] * self.arrays["image"].shape[2]

    def batch(self, picks: list[int], device: torch.device, names: Iterable[str] = ("image", "depth", *SEEN)) -> dict[str, Tensor]:
        """Of the crops `picks`, which are in ascending order: the image [n, 3, H, W] in [0, 1], the depth [n, 1, H/4, W/4] and what the
        teacher has seen at its places."""
        return {name: self._tensor(name, torch.from_numpy(self.arrays[name][picks]).to(device).float()) for name in names}

    def _tensor(self, name: str, values: Tensor) -> Tensor:
        if name == "depth":
            return values[:, None]
        values = values.permute(0, 3, 1, 2) / 255 if name == "image" else values * SEEN[name].step
        return values.contiguous(memory_format=torch.channels_last)


class Labelled:
    """Crops of several folders."""

    def __init__(self, folders: list[Path], device: torch.device) -> None:
        self.folders, self.device = [DepthLabels(folder) for folder in folders], device
        self.sizes = torch.tensor([float(len(labels)) for labels in self.folders])

    def batch(self, pixels: int, rng: torch.Generator, names: Iterable[str]) -> dict[str, Tensor]:
        """Crops of one of the folders, drawn by their sizes: so many that they have `pixels` together."""
        labels = self.folders[int(torch.multinomial(self.sizes, 1, generator=rng))]
        count = max(1, round(pixels / labels.pixels))
        return labels.batch(sorted(int(i) for i in torch.randint(len(labels), (count,), generator=rng)), self.device, names)
