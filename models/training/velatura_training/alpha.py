"""Random strength maps for training: how the photo and the painting share the picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

ALL_ONE, ALL_ZERO, UNIFORM = 0.65, 0.75, 0.8  # cumulative shares; the rest are smooth fields and blobs
SHARPNESS = (1.5, 3.0, 12.0, 60.0)


def random_alpha(count: int, size: int, rng: torch.Generator) -> Tensor:
    """[count, 1, size, size] in [0, 1]: mostly 1, some 0, some constant, some noise from smooth to sharp-edged."""
    maps = []
    for _ in range(count):
        kind = float(torch.rand((), generator=rng))
        if kind < UNIFORM:
            level = 1.0 if kind < ALL_ONE else 0.0 if kind < ALL_ZERO else float(torch.rand((), generator=rng))
            maps.append(torch.full((1, size, size), level))
            continue
        cells = int(torch.randint(2, 7, (), generator=rng))
        noise = torch.randn(1, 1, cells, cells, generator=rng)
        field = F.interpolate(noise, size=(size, size), mode="bicubic", align_corners=False)[0]
        sharpness = SHARPNESS[int(torch.randint(len(SHARPNESS), (), generator=rng))]
        maps.append(torch.sigmoid(field * sharpness))
    return torch.stack(maps)
