"""What the style network is trained on. Pictures are f32 [N, 3, H, W], nominally in [0, 1]."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .proxy_vgg import LAYERS, ProxyVgg

WEAVE = 4  # pixels: the period of the grid that transposed or strided layers leave
CHROMA = 2.0
FEATURE_WEIGHTS = dict(zip(LAYERS, (0.5, 1.0, 1.0, 1.0)))


def pixel_loss(own: Tensor, target: Tensor) -> Tensor:
    """L1 of lightness plus CHROMA times L1 of what is left: colours are easily lost for small errors in lightness."""
    residue = own - target
    lightness = residue.mean(1, keepdim=True)
    return lightness.abs().mean() + CHROMA * (residue - lightness).abs().mean()


def feature_loss(own: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
    """Mean squared difference of loss-network features, relative to the target's energy."""
    total = torch.zeros(())
    for layer, weight in FEATURE_WEIGHTS.items():
        wanted = target[layer].float()
        total = total + weight * (own[layer].float() - wanted).square().mean() / wanted.square().mean()
    return total


def style_loss(vgg: ProxyVgg, own: dict[str, Tensor], painting: dict[str, Tensor]) -> Tensor:
    """Over the layers: MSE of the predicted channels' means plus MSE of their deviations."""
    total = torch.zeros(())
    for layer in LAYERS:
        for a, b in zip(vgg.moments(own[layer], layer), vgg.moments(painting[layer], layer)):
            total = total + (a - b).square().mean()
    return total


def colour_moments(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [N, 3] and covariance [N, 3, 3] of the colours."""
    x = image.flatten(2)
    mean = x.mean(2)
    centred = x - mean[:, :, None]
    return mean, centred @ centred.transpose(1, 2) / x.shape[2]


def colour_loss(own: Tensor, painting: Tensor) -> Tensor:
    """L1 of colour means and, ten times, of covariances: the whole palette, not each channel by itself."""
    (mean, spread), (wanted_mean, wanted_spread) = colour_moments(own), colour_moments(painting)
    return (mean - wanted_mean).abs().mean() + 10 * (spread - wanted_spread).abs().mean()


def smooth(image: Tensor) -> Tensor:
    """Mean over WEAVE x WEAVE pixels, same size: nothing with that period is left."""
    before, after = (WEAVE - 1) // 2, WEAVE // 2
    return F.avg_pool2d(F.pad(image, (before, after, before, after), mode="reflect"), WEAVE, stride=1)


def flatness(photo: Tensor) -> Tensor:
    """[N, 1, H, W]: near 1 where the photo has no detail of its own within about 8 pixels, 0 where it has."""
    detail = F.avg_pool2d((photo - smooth(photo)).abs().mean(1, keepdim=True), WEAVE)
    around = F.avg_pool2d(detail, 3, stride=1, padding=1, count_include_pad=False)
    return F.interpolate(torch.exp(-around / 0.008), scale_factor=WEAVE, mode="bilinear", align_corners=False)


def unwoven(taught: Tensor, flat: Tensor) -> Tensor:
    """The teacher's picture without its woven grid in flat areas."""
    return flat * smooth(taught) + (1 - flat) * taught


def weave_loss(own: Tensor, flat: Tensor) -> Tensor:
    """What repeats with the period WEAVE in flat areas: the mean, over neighbouring cells, of each place in the cell.

    Brush strokes have no fixed place in the cell and average out; a grid does not.
    """
    residue = F.pixel_unshuffle((own - smooth(own)) * flat, WEAVE)
    return F.avg_pool2d(residue, 5, stride=2).abs().mean()


def range_loss(own: Tensor) -> Tensor:
    """How far the picture leaves [0, 1]."""
    return (F.relu(own - 1) + F.relu(-own)).mean()
