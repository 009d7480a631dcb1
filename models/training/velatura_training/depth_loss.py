"""What the depth network is trained on: the teacher's map, up to scale and shift, and its edges at four scales."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .gradients import gradient_difference


def standardise(depth: Tensor) -> Tensor:
    """Median and mean absolute deviation of each map [n, 1, h, w] removed."""
    centred = depth - depth.flatten(1).median(1).values.view(-1, 1, 1, 1)
    return centred / (centred.abs().mean((1, 2, 3), keepdim=True) + 1e-4)


def depth_loss(predicted: Tensor, target: Tensor, edges: float = 0.5) -> Tensor:
    """L1 of the standardised maps plus `edges` times their gradient differences at 1, 1/2, 1/4 and 1/8 of the size."""
    predicted, target = standardise(predicted), standardise(target)
    loss = (predicted - target).abs().mean()
    for factor in (1, 2, 4, 8):
        loss = loss + edges * gradient_difference(F.avg_pool2d(predicted, factor), F.avg_pool2d(target, factor))
    return loss
