"""The style network: AdaIN at two levels, with a strength map between photo and style.

Encoder 3-16-16 | 16-32-32 | 32-64 (level 0, stride 4) -64-64 | 64-128 (level 1, stride 8), rectified 3x3 convolutions over reflected
borders (the first is 5x5) with 2x2 max-pooling at each bar. The decoder mirrors it with nearest-neighbour upsampling; the blended
level 0 joins at a quarter of the size through a 1x1 convolution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_average

CHANNELS = (16, 32, 64, 128)  # at 1, 1/2, 1/4 and 1/8 of the size
EPSILON = 1e-5

Moments = tuple[Tensor, Tensor]  # mean and deviation, each [N, C, 1, 1]


def conv(inputs: int, outputs: int, kernel: int = 3) -> nn.Conv2d:
    """Convolution over reflected borders."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, padding_mode="reflect")
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
    return layer


def block(*channels: int, first: int = 3) -> nn.Sequential:
    """Rectified convolutions channels[0] -> channels[1] -> ...; the first has kernel size `first`."""
    layers: list[nn.Module] = []
    for i, (inputs, outputs) in enumerate(zip(channels, channels[1:])):
        layers += [conv(inputs, outputs, first if i == 0 else 3), nn.ReLU()]
    return nn.Sequential(*layers)


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


def upsample(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


class StyleNet(nn.Module):
    """Photos and paintings f32 [N, 3, H, W] in [0, 1], H and W multiples of 8 and at least 16."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = CHANNELS
        self.full = block(3, a, a, first=5)
        self.halved = block(a, b, b)
        self.quarter = block(b, c)
        self.quarter_deep = block(c, c, c)
        self.eighth = block(c, d)
        self.up8 = block(d, d, c)
        self.skip4 = nn.Conv2d(c, c, 1)
        self.up4 = block(c, c, c, b)
        self.up2 = block(b, b, a)
        self.out = nn.Sequential(*block(a, a), conv(a, 3, 5))
        with torch.no_grad():
            self.out[-1].weight.mul_(0.3)
            self.skip4.weight.mul_(0.3)

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Features of level 0 [N, 64, H/4, W/4] and level 1 [N, 128, H/8, W/8]."""
        x = self.halved(F.max_pool2d(self.full(image * 2 - 1), 2))
        level_0 = self.quarter(F.max_pool2d(x, 2))
        return level_0, self.eighth(F.max_pool2d(self.quarter_deep(level_0), 2))

    def style(self, painting: Tensor) -> tuple[Moments, Moments]:
        """The code of a painting: moments of both levels."""
        level_0, level_1 = self.encode(painting)
        return moments(level_0), moments(level_1)

    def decode(self, level_0: Tensor, level_1: Tensor) -> Tensor:
        """The picture [N, 3, H, W], nominally in [0, 1] but not clipped."""
        x = self.up4(upsample(self.up8(level_1)) + self.skip4(level_0))
        return self.out(upsample(self.up2(upsample(x)))) * 0.5 + 0.5

    def forward(self, photo: Tensor, style: tuple[Moments, Moments], alpha: Tensor) -> Tensor:
        """The photo painted with strength alpha [N, 1, H, W]."""
        level_0, level_1 = self.encode(photo)
        alpha_0 = F.avg_pool2d(alpha, 4)
        return self.decode(adain(level_0, style[0], alpha_0), adain(level_1, style[1], F.avg_pool2d(alpha_0, 2)))


def load_style(path: Path) -> StyleNet:
    """From a resume point, or from an .npz with one array per parameter in the order of the network's own."""
    net = StyleNet()
    if path.suffix != ".npz":
        return load_average(path, net)
    arrays = np.load(path)
    parameters = net.state_dict()
    if len(arrays.files) != len(parameters):
        raise ValueError(f"{path} has {len(arrays.files)} arrays, the network {len(parameters)}")
    net.load_state_dict({k: torch.from_numpy(arrays[n]) for k, n in zip(parameters, arrays.files)})
    return net.eval()
