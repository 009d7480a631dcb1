"""What the style network is trained on. Pictures are f32 [N, 3, H, W], nominally in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .proxy_vgg import LAYERS, ProxyVgg
from .squeezenet import WEIGHTS, spread

WEAVE = 4  # pixels: the period of the grid that the teacher's strided layers leave
PERIODS = (4, 8)  # pixels: of the grids that our own levels may leave, one place or two
DIRECTIONS = ((1., 0., 0.), (0., 1., 0.), (0., 0., 1.), (1., 1., 1.), (1., -1., 0.), (1., 0., -1.), (0., 1., -1.), (1., -2., 1.),
              (1., 1., 0.), (1., 0., 1.), (0., 1., 1.), (2., -1., -1.))
CHROMA = 2.0
BORDER = 16  # pixels, where reflections differ
VGG_CHANNELS = (64, 128, 256, 512)  # that the proxy predicts, by layer
SQUEEZE_CHANNELS = (96, 128, 128, 256, 256, 512)


def pixel_loss(own: Tensor, target: Tensor) -> Tensor:
    """L1 of lightness plus CHROMA times L1 of what is left: colours are easily lost for small errors in lightness."""
    residue = own - target
    lightness = residue.mean(1, keepdim=True)
    return lightness.abs().mean() + CHROMA * (residue - lightness).abs().mean()


def small_loss(own: Tensor, target: Tensor) -> Tensor:
    """`pixel_loss` of both pictures four times smaller: which colour goes where, but not how it is laid on."""
    return pixel_loss(F.avg_pool2d(own, 4), F.avg_pool2d(target, 4))


def content_loss(own: Tensor, deep: Tensor) -> Tensor:
    """Mean squared difference of the deepest features, relative to the photo's energy, each picture by itself."""
    wanted = deep.float()
    distance = (own.float() - wanted).square().mean((1, 2, 3))
    return (distance / (wanted.square().mean((1, 2, 3)) + 1e-6)).mean()


@dataclass(frozen=True)
class Moments:
    """Means and deviations [n, C] of a picture's channels in both loss networks, a pair a layer."""

    vgg: list[tuple[Tensor, Tensor]]
    squeeze: list[tuple[Tensor, Tensor]]

    def flat(self) -> Tensor:
        """[n, M]."""
        return torch.cat([part for pair in (*self.vgg, *self.squeeze) for part in pair], 1)

    @classmethod
    def from_flat(cls, flat: Tensor) -> Moments:
        parts = flat.split([count for count in (*VGG_CHANNELS, *SQUEEZE_CHANNELS) for _ in range(2)], 1)
        pairs = list(zip(parts[::2], parts[1::2]))
        return cls(pairs[: len(VGG_CHANNELS)], pairs[len(VGG_CHANNELS) :])


def style_moments(vgg: ProxyVgg, seen: dict[str, Tensor], squeezed: dict[str, Tensor] | None) -> Moments:
    """Of the features of both loss networks; SqueezeNet's may be left out."""
    return Moments([vgg.moments(seen[layer], layer) for layer in LAYERS],
                   [spread(squeezed[layer]) for layer in WEIGHTS] if squeezed else [])


def style_distance(own: Moments, wanted: Moments) -> Tensor:
    """[n]: over the layers of the normalised VGG, MSE of the predicted channels' means plus MSE of their deviations."""
    return sum((a - b).square().mean(1) for pair, other in zip(own.vgg, wanted.vgg) for a, b in zip(pair, other))


def style_loss(distance: Tensor) -> Tensor:
    """The mean of the roots: the few paintings of strong contrast, whose distances are ten times larger, do not drown the others."""
    return (distance + 0.01).sqrt().mean()


def squeeze_loss(own: Moments, wanted: Moments) -> Tensor:
    """Over the layers of SqueezeNet, the same relative to the painting's energy."""
    total = 0.0
    for weight, (mean, deviation), (wanted_mean, wanted_deviation) in zip(WEIGHTS.values(), own.squeeze, wanted.squeeze):
        energy = (wanted_mean.square() + wanted_deviation.square()).mean() + 1e-6
        total = total + weight * ((mean - wanted_mean).square() + (deviation - wanted_deviation).square()).mean() / energy
    return total


def colour_loss(own: Tensor, painting: Tensor) -> Tensor:
    """Sliced Wasserstein distance of the colours, of both pictures four times smaller: the whole palette, rare colours too.

    The mean, over fixed directions in RGB, of the L1 distance of the sorted projections.
    """
    directions = F.normalize(torch.tensor(DIRECTIONS, device=own.device), dim=1)
    sorted_own, sorted_wanted = (
        (directions @ F.avg_pool2d(x.float(), 4).flatten(2)).sort(2).values for x in (own, painting))
    return (sorted_own - sorted_wanted).abs().mean()


def smooth(image: Tensor, period: int = WEAVE) -> Tensor:
    """Means over cells of period x period pixels, interpolated to the same size: nothing with that period is left."""
    return F.interpolate(F.avg_pool2d(image, period), scale_factor=period, mode="bilinear", align_corners=False)


def flatness(photo: Tensor) -> Tensor:
    """[N, 1, H, W]: near 1 where the photo has no detail of its own within about 8 pixels, 0 where it has."""
    detail = F.avg_pool2d((photo - smooth(photo)).abs().mean(1, keepdim=True), WEAVE)
    around = F.avg_pool2d(detail, 3, stride=1, padding=1, count_include_pad=False)
    return F.interpolate(torch.exp(-around / 0.008), scale_factor=WEAVE, mode="bilinear", align_corners=False)


def unwoven(taught: Tensor, flat: Tensor) -> Tensor:
    """The teacher's picture without its woven grid in flat areas."""
    return flat * smooth(taught) + (1 - flat) * taught


def weave_loss(own: Tensor, flat: Tensor) -> Tensor:
    """What repeats with one of the PERIODS in flat areas: the mean, over neighbouring cells, of each place in the cell.

    Brush strokes have no fixed place in the cell and average out; a grid does not.
    """
    total = torch.zeros((), device=own.device)
    for period in PERIODS:
        residue = F.pixel_unshuffle((own - smooth(own, period)) * flat, period)
        total = total + F.avg_pool2d(residue, 5, stride=2).abs().mean()
    return total / len(PERIODS)


def range_loss(own: Tensor) -> Tensor:
    """How far the picture leaves [0, 1]."""
    return (F.relu(own - 1) + F.relu(-own)).mean()


def roughness(own: Tensor, flat: Tensor) -> Tensor:
    """Total variation where the photo is flat."""
    across, down = (own[..., 1:] - own[..., :-1]).abs(), (own[..., 1:, :] - own[..., :-1, :]).abs()
    return (across * flat[..., 1:]).mean() + (down * flat[..., 1:, :]).mean()


def steadiness_loss(own: Tensor, moved: Tensor, offset: tuple[int, int]) -> Tensor:
    """L1 between a picture and the picture of the same photo seen from `offset` (down, right) on, away from the borders.

    Strokes go with the photo when it moves; a grid, wherever it lies, stays with the pixels.
    """
    height, width = moved.shape[2] - 2 * BORDER, moved.shape[3] - 2 * BORDER
    y, x = (BORDER + part for part in offset)
    return (own[..., y : y + height, x : x + width] - moved[..., BORDER : BORDER + height, BORDER : BORDER + width]).abs().mean()
