"""The depth network: a small batch-normalised U-Net, picture in, relative log disparity at a quarter of the resolution out.

All 3x3 kernels run over replicated borders, which (unlike reflection) work down to a one-pixel map, so that any picture whose sides are
multiples of 32 is fine, and which (unlike zeros) do not tell the network where the border is. What lies where is told by two learned
maps of the whole picture instead: the middle of a photo tends to be nearer than its sides.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_average

STEM, QUARTER, EIGHTH, SIXTEENTH, BOTTOM = 16, 32, 64, 112, 160
PLACES = 8  # cells a side of what the network knows of places
LAST, HEAD = 48, 32  # channels at a quarter of the size, before the output


class ConvNorm(nn.Module):
    """Convolution over replicated borders, batch normalisation and, if `relu`, a rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.pad, self.relu = kernel // 2, relu
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (self.pad,) * 4, mode="replicate") if self.pad else x
        x = self.norm(self.conv(x))
        return F.relu(x) if self.relu else x


class Residual(nn.Module):
    """relu(x + two 3x3 layers)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = ConvNorm(channels, channels, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def stage(inputs: int, outputs: int, residuals: int) -> nn.Sequential:
    """Halves the resolution, then refines."""
    return nn.Sequential(ConvNorm(inputs, outputs, stride=2), *(Residual(outputs) for _ in range(residuals)))


def upsample(x: Tensor) -> Tensor:
    """Twice the size, bilinear on half-pixel centres."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def spread_over(places: Tensor, x: Tensor) -> Tensor:
    """A coarse map of the whole picture, interpolated to the size of x."""
    return F.interpolate(places, size=x.shape[2:], mode="bilinear", align_corners=False).to(x.dtype)


class DepthNet(nn.Module):
    """[N, 3, H, W] in [0, 1] to [N, 1, H/4, W/4], larger = nearer, up to scale and shift. H and W are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM, kernel=5, stride=2)
        self.quarter = stage(STEM, QUARTER, 1)
        self.eighth = stage(QUARTER, EIGHTH, 2)
        self.sixteenth = stage(EIGHTH, SIXTEENTH, 2)
        self.bottom = stage(SIXTEENTH, BOTTOM, 2)
        self.context = nn.Conv2d(BOTTOM, BOTTOM, 1)
        self.up16 = ConvNorm(BOTTOM, SIXTEENTH, kernel=1)
        self.up8 = ConvNorm(SIXTEENTH, EIGHTH)
        self.up4 = ConvNorm(EIGHTH, LAST)
        self.refine = ConvNorm(LAST, HEAD)
        self.skip4 = ConvNorm(QUARTER, LAST, kernel=1, relu=False)
        self.head = nn.Conv2d(HEAD, 1, 1)
        self.place16 = nn.Parameter(torch.zeros(1, SIXTEENTH, PLACES, PLACES))
        self.place4 = nn.Parameter(torch.zeros(1, 1, PLACES, PLACES))

    def forward(self, image: Tensor) -> Tensor:
        return self.seen(image)[0]

    def seen(self, image: Tensor) -> tuple[Tensor, dict[int, Tensor]]:
        """The depth, and by stride what the decoder knows at 1/32, 1/16 and 1/8 of the size (for hints while training)."""
        quarter = self.quarter(self.stem(image * 2 - 1))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        bottom = self.bottom(sixteenth)
        bottom = bottom + self.context(bottom.mean((2, 3), keepdim=True))
        at_16 = upsample(self.up16(bottom)) + sixteenth
        at_16 = at_16 + spread_over(self.place16, at_16)
        at_8 = upsample(self.up8(at_16)) + eighth
        x = upsample(self.up4(at_8)) + self.skip4(quarter)
        depth = self.head(self.refine(F.relu(x)))
        return depth + spread_over(self.place4, depth), {32: bottom, 16: at_16, 8: at_8}


HINTS = {8: 96, 16: 96, 32: 96}  # channels of the teacher's features that are learned too, by stride


class Apprentice(nn.Module):
    """The depth network with 1x1 layers that predict the teacher's features from its own; only `net` is exported."""

    def __init__(self) -> None:
        super().__init__()
        own = {32: BOTTOM, 16: SIXTEENTH, 8: EIGHTH}
        self.net = DepthNet()
        self.hints = nn.ModuleDict({str(stride): nn.Conv2d(own[stride], channels, 1) for stride, channels in HINTS.items()})

    def forward(self, image: Tensor) -> tuple[Tensor, dict[int, Tensor]]:
        """The depth, and the predicted features by stride."""
        depth, own = self.net.seen(image)
        return depth, {int(stride): layer(own[int(stride)]) for stride, layer in self.hints.items()}


def load_depth(path: Path) -> DepthNet:
    """From a resume point."""
    return load_average(path, Apprentice()).net
