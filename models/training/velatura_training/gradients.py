"""Differences of image gradients, used by both networks' losses."""

from __future__ import annotations

from torch import Tensor


def gradient_difference(a: Tensor, b: Tensor) -> Tensor:
    """Mean absolute difference of horizontal plus vertical steps, over [..., H, W]."""
    residue = a - b
    across = (residue[..., 1:] - residue[..., :-1]).abs().mean()
    return across + (residue[..., 1:, :] - residue[..., :-1, :]).abs().mean()
