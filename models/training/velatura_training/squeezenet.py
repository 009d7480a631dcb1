"""A second loss network: SqueezeNet 1.0, trained on ImageNet. What it calls style, a normalised VGG misses, and the reverse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

WEIGHTS = {"conv1": 1.0, "fire2": 1.0, "fire3": 1.0, "fire4": 1.0, "fire5": 1.0, "fire8": 0.3}  # of the layers in the style loss
POOLED_AFTER = ("conv1", "fire4", "fire8")
USED = ("conv1", *(f"fire{number}" for number in range(2, 9)))
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class SqueezeNet(nn.Module):
    """Pictures [N, 3, H, W] in [0, 1] to the features of `WEIGHTS`. Never trained, never exported."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        with np.load(path) as arrays:
            for name in arrays.files:
                if name.split(".")[0] in USED:
                    self.register_buffer(name.replace(".", "_"), torch.from_numpy(arrays[name].copy()))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def _conv(self, x: Tensor, name: str, stride: int = 1, padding: int = 0) -> Tensor:
        return F.relu(F.conv2d(x, getattr(self, f"{name}_w"), getattr(self, f"{name}_b"), stride=stride, padding=padding))

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        x = self._conv((image - self.mean) / self.deviation, "conv1", stride=2)
        features = {"conv1": x}
        for number in range(2, 9):
            name = f"fire{number}"
            before = f"fire{number - 1}" if number > 2 else "conv1"
            if before in POOLED_AFTER:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            squeezed = self._conv(x, f"{name}_sq")
            x = torch.cat([self._conv(squeezed, f"{name}_e1"), self._conv(squeezed, f"{name}_e3", padding=1)], 1)
            if name in WEIGHTS:
                features[name] = x
        return features


def spread(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation [N, C] of each channel."""
    x = features.float().permute(0, 2, 3, 1).flatten(1, 2)  # channels last, as the convolutions leave them
    mean = x.mean(1)
    return mean, ((x - mean[:, None]).square().mean(1) + 1e-5).sqrt()
