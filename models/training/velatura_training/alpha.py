"""Random strength maps for training: how the photo and the painting share the picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

UNIFORM, FIELDS = 0.05, 0.2  # shares of constant maps and of smooth or sharp fields; what is left is 1 everywhere
SHARPNESS = (1.5, 3.0, 12.0, 60.0)


def random_field(size: int, rng: torch.Generator) -> Tensor:
    """[1, size, size]: noise of a few cells, from smooth to sharp-edged."""
    cells = int(torch.randint(2, 7, (), generator=rng))
    noise = torch.randn(1, 1, cells, cells, generator=rng)
    field = F.interpolate(noise, size=(size, size), mode="bicubic", align_corners=False)[0]
    return torch.sigmoid(field * SHARPNESS[int(torch.randint(len(SHARPNESS), (), generator=rng))])


def random_alpha(count: int, size: int, zeros: float, rng: torch.Generator) -> Tensor:
    """[count, 1, size, size] in [0, 1]: the share `zeros` 0 everywhere, some constant, some noise, most 1 everywhere."""
    maps = []
    for kind in torch.rand(count, generator=rng).tolist():
        if kind < zeros:
            maps.append(torch.zeros(1, size, size))
        elif kind < zeros + UNIFORM:
            maps.append(torch.rand(1, 1, 1, generator=rng).expand(1, size, size))
        elif kind < zeros + UNIFORM + FIELDS:
            maps.append(random_field(size, rng))
        else:
            maps.append(torch.ones(1, size, size))
    return torch.stack(maps)
