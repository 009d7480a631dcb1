"""MicroAST (Wang et al., AAAI 2023), the teacher of the style network, and what it sees on the way from photo to picture."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from velatura_convert import microast

EPSILON = 1e-5
# Photo's and painting's features after the first and after the second block; what it decodes first and second.
PLACES = ("photo_0", "photo_1", "painting_0", "painting_1", "joined", "filtered")


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """As MicroAST takes them, with the unbiased variance."""
    return x.mean((2, 3), keepdim=True), (x.var((2, 3), keepdim=True) + EPSILON).sqrt()


def adain(x: Tensor, style: Tensor) -> Tensor:
    (mean, deviation), (wanted_mean, wanted_deviation) = moments(x), moments(style)
    return wanted_deviation * (x - mean) / deviation + wanted_mean


class StyleTeacher(nn.Module):
    """Never trained, never exported. Pictures f32 [N, 3, H, W] in [0, 1], sides multiples of 4."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        files = {part: folder / f"microast_{part}.npz" for part in microast.FILES}
        for name, value in microast.load(files).items():
            self.register_buffer(name.replace(".", "_"), torch.from_numpy(value.copy()))

    def _conv(self, x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight, bias = (getattr(self, f"{name.replace('.', '_')}_{kind}") for kind in ("weight", "bias"))
        border = weight.shape[2] // 2
        x = F.pad(x, (border,) * 4, mode="reflect") if border else x
        return F.conv2d(x, weight, bias, stride, groups=groups)

    def _encode(self, image: Tensor, encoder: str) -> tuple[Tensor, Tensor]:
        x = F.relu(self._conv(image * 255, f"{encoder}.enc1.0"))
        for wide, deep, groups in (("enc1.2", "enc1.4", 16), ("enc1.6", "enc1.8", 32)):
            x = F.relu(self._conv(F.relu(self._conv(x, f"{encoder}.{wide}", 2, groups)), f"{encoder}.{deep}"))
        levels = []
        for block in ("enc1.10", "enc2.0"):
            x = x + self._conv(F.relu(self._conv(x, f"{encoder}.{block}.conv1")), f"{encoder}.{block}.conv2")
            levels.append(x)
        return levels[0], levels[1]

    def _filtered(self, x: Tensor, block: str, style: Tensor, which: int) -> Tensor:
        filters = (self._conv(style, f"modulator.{kind}{which}.0", groups=style.shape[1]) for kind in ("weight", "bias"))
        weight, bias = (x.mean((2, 3), keepdim=True) for x in filters)
        inner = F.relu(weight * self._conv(x, f"decoder.{block}.conv1") + bias * x)
        return x + weight * self._conv(inner, f"decoder.{block}.conv2") + bias * inner

    def forward(self, photo: Tensor, painting: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The painted picture, and what is seen at each of `PLACES`."""
        seen = dict(zip(PLACES, (*self._encode(photo, "content_encoder"), *self._encode(painting, "style_encoder"))))
        x = self._filtered(adain(seen["photo_1"], seen["painting_1"]), "dec1", seen["painting_1"], 2)
        seen["joined"] = adain(x, seen["painting_0"])
        x = seen["filtered"] = self._filtered(seen["joined"], "dec2", seen["painting_0"], 1)
        for wide, deep, groups in (("dec3.1", "dec3.3", 32), ("dec3.6", "dec3.8", 16)):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = F.relu(self._conv(F.relu(self._conv(x, f"decoder.{wide}", groups=groups)), f"decoder.{deep}"))
        return self._conv(x, "decoder.dec3.10"), seen
