"""The depth network: picture in, relative log disparity at a quarter of the resolution out.

A U-Net of inverted residuals (MobileNetV2, 2018) in stages: down to 1/4, 1/8, 1/16 and 1/32 of the size and up again. What passes
from stage to stage has the channels of what the teacher sees at the same place (`depth_teacher.SEEN`), so that each stage can first learn
by itself, from the teacher's features to the teacher's features, and all together afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_average
from .depth_teacher import SEEN

# What each stage starts from, in the order in which they run.
STAGES = {
    "down4": ("image",), "down8": ("down4",), "down16": ("down8",), "down32": ("down16",),
    "deep1": ("down32",), "deep2": ("deep1",), "deep3": ("deep2",), "deep4": ("deep3",), "deep5": ("deep4",),
    "beside1": ("down16",), "beside2": ("beside1",), "beside3": ("beside2",),
    "rise1": ("deep5",), "rise2": ("rise1",), "rise3": ("rise2",),
    "up16": ("beside3", "rise3"), "up8": ("down8", "up16"), "up4": ("down4", "up8"), "head": ("down4", "up4"),
}
STEM = 32  # channels at half of the size
HEAD = 32  # before the output


class ConvNorm(nn.Module):
    """Convolution over a border of zeros, batch normalisation and, if `relu`, a rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.relu = relu
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out" if groups == 1 else "fan_in", nonlinearity="relu")

    def folded(self) -> tuple[Tensor, Tensor]:
        """Kernel and bias of the one convolution that does it all, by what normalisation has measured so far."""
        scale = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        return self.conv.weight * scale[:, None, None, None], self.norm.bias - self.norm.running_mean * scale

    def forward(self, x: Tensor) -> Tensor:
        if self.norm.training:
            x = self.norm(self.conv(x))
        else:  # without a pass over the features, which costs as much as the convolution
            x = F.conv2d(x, *self.folded(), self.conv.stride, self.conv.padding, groups=self.conv.groups)
        return F.relu(x) if self.relu else x


class Separable(nn.Module):
    """On top of x: 3x3 in each channel, then 1x1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.within = ConvNorm(channels, channels, 3, groups=channels)
        self.across = ConvNorm(channels, channels, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.across(self.within(x))


class Inverted(nn.Module):
    """Wide within, narrow without: 1x1 to `hidden` channels, 3x3 in each channel, 1x1 to `outputs`; on top of x where the shape stays.

    `scale` 1/2 halves the resolution, 2 doubles it (nearest neighbour) before the 3x3.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, scale: float = 1.0) -> None:
        super().__init__()
        self.doubles, self.on_top = scale == 2, scale == 1 and inputs == outputs
        self.widen = ConvNorm(inputs, hidden)
        self.within = ConvNorm(hidden, hidden, 3, 2 if scale == 0.5 else 1, groups=hidden)
        self.narrow = ConvNorm(hidden, outputs, relu=False)
        if self.on_top:
            nn.init.zeros_(self.narrow.norm.weight)  # nothing on top at first

    def forward(self, x: Tensor) -> Tensor:
        wide = self.widen(x)
        wide = F.interpolate(wide, scale_factor=2, mode="nearest") if self.doubles else wide
        inner = self.narrow(self.within(wide))
        return x + inner if self.on_top else inner


def down(inputs: int, hidden: int, outputs: int, *more: int) -> nn.Sequential:
    """Halves the resolution, then refines `len(more)` times with so many channels within."""
    return nn.Sequential(Inverted(inputs, hidden, outputs, 0.5), *(Inverted(outputs, wide, outputs) for wide in more))


class Up(nn.Module):
    """What lies deeper, doubled, plus what was seen at this size on the way down; refined `len(more)` times."""

    def __init__(self, deeper: int, hidden: int, beside: int, hidden_beside: int, outputs: int, *more: int) -> None:
        super().__init__()
        self.rise, self.beside = Inverted(deeper, hidden, outputs, 2), Inverted(beside, hidden_beside, outputs)
        self.refine = nn.Sequential(*(Inverted(outputs, wide, outputs) for wide in more))

    def forward(self, beside: Tensor, deeper: Tensor) -> Tensor:
        return self.refine(self.rise(deeper) + self.beside(beside))


class Sum(nn.Module):
    """What lies deeper plus what lies beside it."""

    def forward(self, beside: Tensor, deeper: Tensor) -> Tensor:
        return beside + deeper


class Head(nn.Module):
    """The depth, from what is known at a quarter of the size."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.beside = ConvNorm(channels, channels, relu=False)
        self.refine = nn.Sequential(ConvNorm(channels, channels, 3, groups=channels), ConvNorm(channels, HEAD))
        self.depth = nn.Conv2d(HEAD, 1, 1)

    def forward(self, beside: Tensor, deeper: Tensor) -> Tensor:
        return self.depth(self.refine(F.relu(deeper + self.beside(beside))))


class DepthNet(nn.Module):
    """[N, 3, H, W] in [0, 1] to [N, 1, H/4, W/4], larger = nearer, up to scale and shift. H and W are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        at4, at8, at16, at32, up16, up8, up4 = (SEEN[name].channels for name in ("down4", "down8", "down16", "down32", "up16", "up8", "up4"))
        self.down4 = nn.Sequential(ConvNorm(3, STEM, 5, 2), Separable(STEM), Separable(STEM), *down(STEM, 96, at4, 216, 216))
        self.down8 = down(at4, 280, at8, 320)
        self.down16 = down(at8, 560, at16, 480, 480)
        self.down32 = down(at16, 576, at32)
        self.deep1, self.deep2, self.deep3, self.deep4, self.deep5 = (Inverted(at32, 864, at32) for _ in range(5))
        self.beside1, self.beside2, self.beside3 = Inverted(at16, 576, up16), Inverted(up16, 720, up16), Inverted(up16, 720, up16)
        self.rise1, self.rise2, self.rise3 = Inverted(at32, 864, up16, 2), Inverted(up16, 576, up16), Inverted(up16, 576, up16)
        self.up16 = Sum()
        self.up8 = Up(up16, 576, at8, 240, up8, 312, 312)
        self.up4 = Up(up8, 256, at4, 64, up4, 128)
        self.head = Head(up4)

    def forward(self, image: Tensor) -> Tensor:
        return self.seen({"image": image})["head"]

    def seen(self, known: dict[str, Tensor], stages: Iterable[str] = STAGES) -> dict[str, Tensor]:
        """What these stages, one after another, make of what is `known`: the picture, or what a teacher has seen; of the last, the depth."""
        made: dict[str, Tensor] = {}
        for stage in stages:
            sources = (known[source] * 2 - 1 if source == "image" else (known | made)[source] for source in STAGES[stage])
            made[stage] = getattr(self, stage)(*sources)
        return made


def load_depth(path: Path) -> DepthNet:
    """From a resume point."""
    return load_average(path, DepthNet())
