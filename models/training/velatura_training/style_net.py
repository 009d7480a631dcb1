"""The style network: AdaIN at two levels a quarter of the size, with a strength map between photo and style.

It has the outline of MicroAST (Wang et al., AAAI 2023): one encoder for photos and one for paintings, 3-16 | 16-32 | 32-64 halving twice,
then two residual blocks with a level after each; a decoder of two residual blocks whose convolutions the painting weighs, then up to
full size. What passes from part to part has the channels of what that network sees at the same place (`style_teacher.PLACES`), so that
each part can first learn by itself.

Three things are ours. Level 0 joins the decoder where MicroAST would measure the picture once more, so that nothing but the encoder's
moments is known of the whole picture. Level 0 carries the photo itself, 4x4 pixels a cell: where the strength is 0, the picture is the
photo (`gate`). And sizes are halved by averaging where MicroAST takes every other pixel of a convolution: what is folded down there comes
back as a woven grid.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_average
from .style_teacher import PLACES

CHANNELS = (16, 32, 64)  # at 1, 1/2 and 1/4 of the size
CELL = 4  # pixels a side of what a place of level 0 carries of the photo
PHOTO = 3 * CELL * CELL  # channels of level 0 that are the photo
CODE = 2 * (CHANNELS[2] + PHOTO + CHANNELS[2])
EPSILON = 1e-5

Moments = tuple[Tensor, Tensor]  # mean and deviation, each [N, C, 1, 1]
Code = tuple[Moments, Moments]  # of both levels, the first with the photo's


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


def restyled(levels: tuple[Tensor, Tensor], code: Code, alpha: Tensor) -> list[Tensor]:
    """Both levels after AdaIN."""
    return [adain(level, tuple(part[:, : CHANNELS[2]] for part in style), alpha) for level, style in zip(levels, code)]


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


class Encoder(nn.Module):
    """[N, 3, H, W] in [0, 1] to two levels [N, 64, H/4, W/4]."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = CHANNELS
        self.full, self.halved, self.quarter = conv(3, a, 5), conv(a, b), conv(b, c)
        self.shallow, self.deep = Residual(c), Residual(c)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu(self.full(image * 2 - 1))
        for layer in (self.halved, self.quarter):
            x = F.relu(layer(F.avg_pool2d(x, 2)))
        level_0 = self.shallow(x)
        return level_0, self.deep(level_0)


class Decoder(nn.Module):
    """Both levels, restyled, to the picture; `scales` and `shifts` by layer are the painting's."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = CHANNELS
        self.deep, self.shallow, self.join = Residual(c), Residual(c), nn.Conv2d(c, c, 1)
        self.halved, self.full, self.out = conv(c, b), conv(b, a), conv(a, 3, 5, gain=0.3)
        with torch.no_grad():
            self.join.weight.mul_(0.1)


# What the painting weighs, with the number of its channels: y = scale * layer(x) + shift (of the residual blocks: shift * x).
WEIGHED = {
    "deep.first": CHANNELS[2], "deep.second": CHANNELS[2], "join": CHANNELS[2], "shallow.first": CHANNELS[2], "shallow.second": CHANNELS[2],
    "halved": CHANNELS[1], "full": CHANNELS[0], "out": 3,
}


class StyleNet(nn.Module):
    """Photos and paintings f32 [N, 3, H, W] in [0, 1], H and W multiples of 4 and at least 16."""

    def __init__(self) -> None:
        super().__init__()
        self.photo, self.painting, self.decoder = Encoder(), Encoder(), Decoder()
        self.weigh = nn.Linear(CODE, 2 * sum(WEIGHED.values()))
        with torch.no_grad():
            self.weigh.weight.zero_()
            self.weigh.bias.zero_()

    def style(self, painting: Tensor) -> Code:
        """The code of a painting: moments of both levels, the first with the painting's cells."""
        return self.code(painting, *self.painting(painting))

    def code(self, painting: Tensor, level_0: Tensor, level_1: Tensor) -> Code:
        return moments(torch.cat([level_0.float(), space_to_depth(painting) * 2 - 1], 1)), moments(level_1)

    def weights(self, code: Code) -> dict[str, tuple[Tensor, Tensor]]:
        """Scale and shift [N, C, 1, 1] by the layer's name."""
        values = self.weigh(torch.cat([part.flatten(1) for level in code for part in level], 1))[:, :, None, None]
        parts = values.split([count for count in WEIGHED.values() for _ in range(2)], 1)
        return {name: (1 + parts[2 * i], parts[2 * i + 1]) for i, name in enumerate(WEIGHED)}

    def filtered(self, block: str, x: Tensor, given: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
        """A residual block whose convolutions the painting weighs."""
        layers = getattr(self.decoder, block)

        def weighed(layer: str, x: Tensor) -> Tensor:
            scale, shift = (part.to(x.dtype) for part in given[f"{block}.{layer}"])
            return scale * getattr(layers, layer)(x) + shift * x

        return x + weighed("second", F.relu(weighed("first", x)))

    def weighed(self, layer: str, x: Tensor, given: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
        scale, shift = (part.to(x.dtype) for part in given[layer])
        return scale * getattr(self.decoder, layer)(x) + shift

    def joined(self, level_0: Tensor, level_1: Tensor, given: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
        """The restyled levels as one."""
        return self.filtered("deep", level_1, given) + self.weighed("join", level_0, given)

    def enlarged(self, x: Tensor, given: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
        """The picture [N, 3, H, W], nominally in [0, 1] but neither gated nor clipped."""
        for layer in ("halved", "full"):
            x = F.relu(self.weighed(layer, upsample(x), given))
        return self.weighed("out", x, given).float() * 0.5 + 0.5

    def forward(self, photo: Tensor, style: Code, alpha: Tensor) -> Tensor:
        """The photo painted with strength alpha [N, 1, H, W]."""
        alpha_0, weights = F.avg_pool2d(alpha, CELL), self.weights(style)
        joined = self.joined(*restyled(self.photo(photo), style, alpha_0), weights)
        return gate(self.enlarged(self.filtered("shallow", joined, weights), weights), photo, alpha_0)

    def seen(self, photo: Tensor, painting: Tensor, given: dict[str, Tensor] | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """The picture at full strength, and what is seen at each of `style_teacher.PLACES`.

        With `given`, the teacher's features, each part starts from those of the part before instead of its own.
        """
        seen = dict(zip(PLACES, (*self.photo(photo), *self.painting(painting))))
        known = given or seen  # filled as we go, unless it was given whole
        code = self.code(painting, known["painting_0"], known["painting_1"])
        weights = self.weights(code)
        whole = torch.ones_like(photo[:, :1, ::CELL, ::CELL])
        seen["joined"] = self.joined(*restyled((known["photo_0"], known["photo_1"]), code, whole), weights)
        seen["filtered"] = self.filtered("shallow", known["joined"], weights)
        return self.enlarged(known["filtered"], weights), seen


def load_style(path: Path) -> StyleNet:
    """From a resume point, or from an .npz of the parameters by name."""
    net = StyleNet()
    if path.suffix != ".npz":
        return load_average(path, net)
    with np.load(path) as arrays:
        net.load_state_dict({name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files})
    return net.eval()
