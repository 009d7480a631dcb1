"""Random strength maps for training: how the photo and the painting share the picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SHARPNESS = (1.5, 3.0, 12.0, 60.0)


def random_field(size: int, rng: torch.Generator) -> Tensor:
    """[1, size, size]: noise of a few cells, from smooth to sharp-edged."""
    cells = int(torch.randint(2, 7, (), generator=rng))
    noise = torch.randn(1, 1, cells, cells, generator=rng)
    field = F.interpolate(noise, size=(size, size), mode="bicubic", align_corners=False)[0]
    return torch.sigmoid(field * SHARPNESS[int(torch.randint(len(SHARPNESS), (), generator=rng))])


def random_alpha(count: int, size: int, mixed: float, rng: torch.Generator) -> Tensor:
    """[count, 1, size, size] in [0, 1]: of the share `mixed` a quarter constant, the others noise; 1 everywhere else.

    0 everywhere is not among them: there the network has no say (see `style_layers.gate`).
    """
    maps = []
    for kind in torch.rand(count, generator=rng).tolist():
        if kind < mixed / 4:
            maps.append(torch.rand(1, 1, 1, generator=rng).expand(1, size, size))
        elif kind < mixed:
            maps.append(random_field(size, rng))
        else:
            maps.append(torch.ones(1, size, size))
    return torch.stack(maps)
