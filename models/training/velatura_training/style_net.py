"""The style network: AdaIN at two levels a quarter of the size, with a strength map between photo and style.

It has the outline of MicroAST (Wang et al., AAAI 2023): one encoder for photos and one for paintings, 3-16 | 16-32 | 32-64 halving
twice, then two residual blocks with a level after each; a decoder of two residual blocks whose convolutions the painting weighs, then up
to full size. What passes from part to part has the channels of what that network sees at the same place (`style_teacher.PLACES`), so that
each part can first learn by itself.

Three things are ours. Where MicroAST measures the picture once more, half-way through the decoder, this network goes by the painting's
moments, and level 0 joins: so nothing but the encoder's moments need be known of the whole picture. Level 0 carries the photo itself, 4x4 pixels a cell: where the strength is 0, the picture is the
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
from .style_layers import CELL, PHOTO, Moments, Residual, adain, conv, gate, moments, space_to_depth, upsample
from .style_teacher import PLACES

CHANNELS = (16, 32, 64)  # at 1, 1/2 and 1/4 of the size
FEATURES = CHANNELS[2]  # of each level
CODE = 2 * (FEATURES + PHOTO + FEATURES)
# What the painting weighs, with the number of its channels: y = scale * layer(x) + shift; within the residual blocks, + shift * x.
WEIGHED = {
    "deep.first": FEATURES, "deep.second": FEATURES, "deep": FEATURES, "shallow.first": FEATURES, "shallow.second": FEATURES,
    "halved": CHANNELS[1], "full": CHANNELS[0], "out": 3,
}

Levels = tuple[Tensor, Tensor]  # each [N, 64, H/4, W/4]
Code = tuple[Moments, Moments]  # of both levels, the first with the picture's
Weights = dict[str, Moments]  # scale and shift, each [N, C, 1, 1], by what is weighed


class Encoder(nn.Module):
    """[N, 3, H, W] in [0, 1] to both levels."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = CHANNELS
        self.full, self.halved, self.quarter = conv(3, a, 5), conv(a, b), conv(b, c)
        self.shallow, self.deep = Residual(c), Residual(c)

    def forward(self, image: Tensor) -> Levels:
        x = F.relu(self.full(image * 2 - 1))
        for layer in (self.halved, self.quarter):
            x = F.relu(layer(F.avg_pool2d(x, 2)))
        level_0 = self.shallow(x)
        return level_0, self.deep(level_0)


def features(code: Code) -> Code:
    """What of a code belongs to the features alone."""
    return tuple(tuple(part[:, :FEATURES] for part in level) for level in code)


class Decoder(nn.Module):
    """Both levels, after AdaIN, to the picture; a painting of this `code` weighs the layers by `weights`."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = CHANNELS
        self.deep, self.shallow, self.join = Residual(c), Residual(c), nn.Conv2d(c, c, 1)
        self.halved, self.full, self.out = conv(c, b), conv(b, a), conv(a, 3, 5, gain=0.3)
        with torch.no_grad():
            self.join.weight.mul_(0.1)

    def filtered(self, block: str, x: Tensor, weights: Weights) -> Tensor:
        """A residual block whose convolutions are weighed."""
        layers = getattr(self, block)

        def weighed(layer: str, x: Tensor) -> Tensor:
            scale, shift = (part.to(x.dtype) for part in weights[f"{block}.{layer}"])
            return scale * getattr(layers, layer)(x) + shift * x

        return x + weighed("second", F.relu(weighed("first", x)))

    def weighed(self, layer: str, x: Tensor, weights: Weights) -> Tensor:
        scale, shift = (part.to(x.dtype) for part in weights[layer])
        return scale * getattr(self, layer)(x) + shift

    def joined(self, levels: Levels, code: Code, weights: Weights) -> Tensor:
        """Both levels as one, spread as the painting's level 0 is."""
        (mean_0, deviation_0), (mean_1, deviation_1) = features(code)
        scale, shift = weights["deep"]
        deep = (self.filtered("deep", levels[1], weights) - mean_1) / deviation_1
        shallow = (levels[0] - mean_0) / deviation_0
        return deviation_0 * (scale * deep + shift + self.join(shallow)) + mean_0

    def enlarged(self, x: Tensor, weights: Weights) -> Tensor:
        """The picture [N, 3, H, W], nominally in [0, 1] but neither gated nor clipped."""
        for layer in ("halved", "full"):
            x = F.relu(self.weighed(layer, upsample(x), weights))
        return self.weighed("out", x, weights).float() * 0.5 + 0.5

    def forward(self, levels: Levels, code: Code, weights: Weights) -> Tensor:
        return self.enlarged(self.filtered("shallow", self.joined(levels, code, weights), weights), weights)


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
        return self.code(painting, self.painting(painting))

    def code(self, painting: Tensor, levels: Levels) -> Code:
        return moments(torch.cat([levels[0].float(), space_to_depth(painting) * 2 - 1], 1)), moments(levels[1])

    def weights(self, code: Code) -> Weights:
        values = self.weigh(torch.cat([part.flatten(1) for level in code for part in level], 1))[:, :, None, None]
        parts = values.split([count for count in WEIGHED.values() for _ in range(2)], 1)
        return {name: (1 + parts[2 * i], parts[2 * i + 1]) for i, name in enumerate(WEIGHED)}

    def forward(self, photo: Tensor, code: Code, alpha: Tensor) -> Tensor:
        """The photo painted with strength alpha [N, 1, H, W]."""
        alpha = F.avg_pool2d(alpha, CELL)
        levels = tuple(adain(level, style, alpha) for level, style in zip(self.photo(photo), features(code)))
        return gate(self.decoder(levels, code, self.weights(code)), photo, alpha)

    def seen(self, photo: Tensor, painting: Tensor, given: dict[str, Tensor] | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """The picture at full strength, and what is seen at each of `style_teacher.PLACES`.

        With `given`, the teacher's features, each part starts from those of the part before instead of its own.
        """
        seen = dict(zip(PLACES, (*self.photo(photo), *self.painting(painting))))
        known = given or seen  # filled as we go, unless it was given whole
        code = self.code(painting, (known["painting_0"], known["painting_1"]))
        weights, whole = self.weights(code), torch.ones_like(photo[:, :1, ::CELL, ::CELL])
        levels = tuple(adain(known[place], style, whole) for place, style in zip(("photo_0", "photo_1"), features(code)))
        seen["joined"] = self.decoder.joined(levels, code, weights)
        seen["filtered"] = self.decoder.filtered("shallow", known["joined"], weights)
        return self.decoder.enlarged(known["filtered"], weights), seen


def load_style(path: Path) -> StyleNet:
    """From a resume point, or from an .npz of the parameters by name."""
    net = StyleNet()
    if path.suffix != ".npz":
        return load_average(path, net)
    with np.load(path) as arrays:
        net.load_state_dict({name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files})
    return net.eval()
