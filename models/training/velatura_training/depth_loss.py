"""What the depth network is trained on: the teacher's map, its order within rows, its edges, and the features it saw."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .gradients import gradient_difference


def standardise(depth: Tensor) -> Tensor:
    """Median and mean absolute deviation of each map [n, 1, h, w] removed."""
    centred = depth - depth.flatten(1).median(1).values.view(-1, 1, 1, 1)
    return centred / (centred.abs().mean((1, 2, 3), keepdim=True) + 1e-4)


def within_rows(depth: Tensor) -> Tensor:
    """Each row's mean removed, the whole scaled to mean absolute deviation 1: nothing is left of "lower is nearer"."""
    centred = depth - depth.mean(3, keepdim=True)
    return centred / (centred.abs().mean((1, 2, 3), keepdim=True) + 0.05)


def without_trend(depth: Tensor) -> Tensor:
    """What a straight line in the row number explains of each map taken away, as in `ranks.detrended`."""
    row = torch.arange(depth.shape[2], device=depth.device) - (depth.shape[2] - 1) / 2
    slope = (depth.mean(3) * row).sum(2) / row.square().sum()
    return depth - (slope[:, :, None] * row)[..., None]


def depth_loss(predicted: Tensor, target: Tensor, edges: float = 0.5, rows: float = 0.0, trendless: float = 0.0) -> Tensor:
    """L1 of the standardised maps, plus `rows` times L1 within rows, plus `trendless` times that of the maps without trend, plus `edges` times
    the gradient differences at 1, 1/2, 1/4, 1/8.

    Maps [n, 1, h, w] of the network's resolution.
    """
    flat = [standardise(without_trend(depth)) for depth in (predicted, target)] if trendless else []
    predicted, target = standardise(predicted), standardise(target)
    loss = (predicted - target).abs().mean()
    if flat:
        loss = loss + trendless * (flat[0] - flat[1]).abs().mean()
    if rows:
        loss = loss + rows * (within_rows(predicted) - within_rows(target)).abs().mean()
    for factor in (1, 2, 4, 8):
        loss = loss + edges * gradient_difference(F.avg_pool2d(predicted, factor), F.avg_pool2d(target, factor))
    return loss


def hint_loss(seen: Tensor, wanted: Tensor, spread: Tensor) -> Tensor:
    """The mean squared difference to the teacher's features in units of their deviations: the share not explained."""
    residue = (seen - wanted) / spread
    return residue.permute(0, 2, 3, 1).square().mean()  # so the gradient's channels are last in memory, too, which a GPU is faster with
