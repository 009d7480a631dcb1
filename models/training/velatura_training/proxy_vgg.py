"""The loss network: a normalised VGG-19 pruned 16 times, with 1x1 layers that predict the full channels (Collaborative Distillation)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

LAYERS = ("conv11", "conv21", "conv31", "conv41")
SEQUENCE = ("conv11", "conv12", "pool", "conv21", "conv22", "pool", "conv31", "conv32", "conv33", "conv34", "pool", "conv41")


class ProxyVgg(nn.Module):
    """Pictures [N, 3, H, W] in [0, 1] to the small features of some layers. Never trained, never exported."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        arrays = np.load(path)
        for name in arrays.files:
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(arrays[name].copy()))

    def _tensor(self, name: str) -> Tensor:
        return getattr(self, name)

    def forward(self, image: Tensor, layers: tuple[str, ...] = LAYERS) -> dict[str, Tensor]:
        x = F.conv2d(image, self._tensor("conv0_weight"), self._tensor("conv0_bias"))
        features = {}
        for name in SEQUENCE:
            if name == "pool":
                x = F.max_pool2d(x, 2)
                continue
            x = F.pad(x, (1, 1, 1, 1), mode="reflect")
            x = F.relu(F.conv2d(x, self._tensor(f"{name}_weight"), self._tensor(f"{name}_bias")))
            if name in layers:
                features[name] = x
        return features

    def moments(self, features: Tensor, layer: str) -> tuple[Tensor, Tensor]:
        """Mean and deviation [N, O] of the predicted full channels, from the small features [N, C, h, w].

        The prediction is linear, y = P x + b, so its mean is P m + b and its variance diag(P S P'), with S the covariance of x.
        """
        x = features.float().permute(0, 2, 3, 1).flatten(1, 2)  # channels last, as the convolutions leave them
        mean = x.mean(1)
        centred = x - mean[:, None]
        covariance = centred.transpose(1, 2) @ centred / x.shape[1]
        prediction = self._tensor(f"{layer}_aux_weight")[:, :, 0, 0]
        variance = ((prediction @ covariance) * prediction).sum(2)
        return mean @ prediction.T + self._tensor(f"{layer}_aux_bias"), (variance.clamp_min(0) + 1e-5).sqrt()
