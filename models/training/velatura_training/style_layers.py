"""Layers of the style network, and how it mixes photo and painting."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CELL = 4  # pixels a side of what a place of level 0 carries of the picture
PHOTO = 3 * CELL * CELL  # channels of level 0 that are the picture
EPSILON = 1e-5

Moments = tuple[Tensor, Tensor]  # mean and deviation, each [N, C, 1, 1]


def conv(inputs: int, outputs: int, kernel: int = 3, gain: float = 1.0) -> nn.Conv2d:
    """Convolution over reflected borders."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, padding_mode="reflect")
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


def moments(features: Tensor) -> Moments:
    """Mean and sqrt(biased variance + 1e-5) over all pixels, in fp32."""
    features = features.float()
    mean = features.mean((2, 3), keepdim=True)
    return mean, ((features - mean).square().mean((2, 3), keepdim=True) + EPSILON).sqrt()


def adain(features: Tensor, style: Moments, alpha: Tensor) -> Tensor:
    """Equations (4) and (6): alpha * (sigma_s * (x - mu_c) / sigma_c + mu_s) + (1 - alpha) * x; alpha [N, 1, h, w] in [0, 1]."""
    mean, deviation = moments(features)
    x = features.float()
    restyled = style[1] * ((x - mean) / deviation) + style[0]
    return (alpha * restyled + (1 - alpha) * x).to(features.dtype)


def space_to_depth(image: Tensor) -> Tensor:
    """[N, 3, H, W] to [N, 48, H/4, W/4], channels in the order of ONNX's SpaceToDepth: place in the cell, then colour."""
    n, c, h, w = image.shape
    cells = F.pixel_unshuffle(image, CELL).view(n, c, CELL * CELL, h // CELL, w // CELL)
    return cells.transpose(1, 2).reshape(n, PHOTO, h // CELL, w // CELL)


def upsample(x: Tensor) -> Tensor:
    """Twice the size, bilinear on half-pixel centres."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def gate(painted: Tensor, photo: Tensor, alpha: Tensor) -> Tensor:
    """The photo where the strength is 0, the painted picture where it is 1; between, mostly the painted: its share is 1 - (1 - alpha)^2.

    `alpha` [N, 1, H/4, W/4] is interpolated.
    """
    kept = (1 - F.interpolate(alpha, scale_factor=CELL, mode="bilinear", align_corners=False)).square()
    return kept * photo + (1 - kept) * painted


class Residual(nn.Module):
    """Two convolutions on top of x."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = conv(channels, channels), conv(channels, channels, gain=0.3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.relu(self.first(x)))
