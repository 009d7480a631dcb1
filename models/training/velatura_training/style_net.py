"""The style network: AdaIN at two levels, with a strength map between photo and style.

Encoder 3-16-16 | 16-32-32 | 32-64 (level 0, stride 4) -64-64 | 64-128 (level 1, stride 8), rectified 3x3 convolutions over reflected
borders (the first is 5x5) with 2x2 max-pooling at each bar. The decoder mirrors it with bilinear upsampling; the blended
level 0 joins at a quarter of the size through a 1x1 convolution.

Two things go beyond the moments of two levels. Level 0 carries the photo itself, 4x4 pixels a cell: where the strength is 0, the
picture is the photo (`gate`). And a small perceptron turns the painting's code into a scale and a shift for each channel of the
decoder after the first block, so that palette and stroke reach full resolution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_average

CHANNELS = (16, 32, 64, 128)  # at 1, 1/2, 1/4 and 1/8 of the size
CELL = 4  # pixels a side of what a place of level 0 carries of the photo
PHOTO = 3 * CELL * CELL  # channels of level 0 that are the photo
CODE = 2 * (CHANNELS[2] + PHOTO + CHANNELS[3])
HIDDEN = 64  # of the perceptron
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


def space_to_depth(image: Tensor) -> Tensor:
    """[N, 3, H, W] to [N, 48, H/4, W/4], channels in the order of ONNX's SpaceToDepth: place in the cell, then colour."""
    n, c, h, w = image.shape
    cells = F.pixel_unshuffle(image, CELL).view(n, c, CELL * CELL, h // CELL, w // CELL)
    return cells.transpose(1, 2).reshape(n, PHOTO, h // CELL, w // CELL)


def upsample(x: Tensor) -> Tensor:
    """Twice the size, bilinear on half-pixel centres. (Nearest-neighbour leaves a cell's pixels places of their own: a woven grid.)"""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def gate(painted: Tensor, photo: Tensor, alpha: Tensor) -> Tensor:
    """The photo where the strength is 0, the painted picture where it is 1; between, mostly the painted: its share is 1 - (1 - alpha)^2.

    `alpha` [N, 1, H/4, W/4] is interpolated.
    """
    kept = (1 - F.interpolate(alpha, scale_factor=CELL, mode="bilinear", align_corners=False)).square()
    return kept * photo + (1 - kept) * painted


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
        self.modulated = [layer for part in (self.up4, self.up2, self.out) for layer in part if isinstance(layer, nn.Conv2d)]
        self.modulate = nn.Sequential(
            nn.Linear(CODE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * sum(layer.out_channels for layer in self.modulated)))
        with torch.no_grad():
            self.out[-1].weight.mul_(0.3)
            self.skip4.weight.mul_(0.3)
            self.modulate[-1].weight.zero_()
            self.modulate[-1].bias.zero_()

    def encoder(self) -> list[nn.Parameter]:
        parts = (self.full, self.halved, self.quarter, self.quarter_deep, self.eighth)
        return [parameter for part in parts for parameter in part.parameters()]

    def rest(self) -> list[nn.Parameter]:
        """The parameters that are not the encoder's."""
        known = set(self.encoder())
        return [parameter for parameter in self.parameters() if parameter not in known]

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Features of level 0 [N, 64, H/4, W/4], without the photo, and of level 1 [N, 128, H/8, W/8]."""
        x = self.halved(F.max_pool2d(self.full(image * 2 - 1), 2))
        level_0 = self.quarter(F.max_pool2d(x, 2))
        return level_0, self.eighth(F.max_pool2d(self.quarter_deep(level_0), 2))

    def style(self, painting: Tensor) -> tuple[Moments, Moments]:
        """The code of a painting: moments of both levels, the first with the painting's cells."""
        level_0, level_1 = self.encode(painting)
        return moments(torch.cat([level_0.float(), space_to_depth(painting) * 2 - 1], 1)), moments(level_1)

    def modulations(self, style: tuple[Moments, Moments]) -> list[tuple[Tensor, Tensor]]:
        """Scale and shift [N, C, 1, 1] of each modulated layer's output."""
        code = torch.cat([part.flatten(1) for level in style for part in level], 1)
        values = self.modulate(code)[:, :, None, None]
        sizes = [count for layer in self.modulated for count in (layer.out_channels,) * 2]
        parts = values.split(sizes, 1)
        return [(1 + scale, shift) for scale, shift in zip(parts[::2], parts[1::2])]

    def decode(self, level_0: Tensor, level_1: Tensor, modulations: list[tuple[Tensor, Tensor]]) -> Tensor:
        """The picture [N, 3, H, W], nominally in [0, 1] but neither gated nor clipped."""
        given = iter(modulations)

        def modulated(part: nn.Sequential, x: Tensor) -> Tensor:
            for layer in part:
                x = layer(x)
                if isinstance(layer, nn.Conv2d):
                    scale, shift = next(given)
                    x = x * scale.to(x.dtype) + shift.to(x.dtype)
            return x

        x = modulated(self.up4, upsample(self.up8(level_1)) + self.skip4(level_0))
        return modulated(self.out, upsample(modulated(self.up2, upsample(x)))) * 0.5 + 0.5

    def forward(self, photo: Tensor, style: tuple[Moments, Moments], alpha: Tensor) -> Tensor:
        """The photo painted with strength alpha [N, 1, H, W]."""
        level_0, level_1 = self.encode(photo)
        alpha_0 = F.avg_pool2d(alpha, CELL)
        features = style[0][0][:, : CHANNELS[2]], style[0][1][:, : CHANNELS[2]]
        painted = self.decode(
            adain(level_0, features, alpha_0), adain(level_1, style[1], F.avg_pool2d(alpha_0, 2)), self.modulations(style))
        return gate(painted.float(), photo, alpha_0)


def load_style(path: Path) -> StyleNet:
    """From a resume point, or from an .npz of the parameters by name; those of `modulate` may be missing."""
    net = StyleNet()
    if path.suffix != ".npz":
        return load_average(path, net)
    with np.load(path) as arrays:
        missing = net.load_state_dict({name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}, strict=False)
    if missing.unexpected_keys or any(not name.startswith("modulate.") for name in missing.missing_keys):
        raise ValueError(f"{path} does not fit the style network: {missing}")
    return net.eval()
