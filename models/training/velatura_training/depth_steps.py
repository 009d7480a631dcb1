"""What a step of the depth network learns from: first its stages by themselves, then all of them in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from . import loop
from .config import DepthSettings
from .depth_loss import depth_loss, hint_loss
from .depth_net import STAGES
from .depth_teacher import SEEN
from .precision import half_precision

CROP = 192 * 256  # pixels of what settings call a crop; of larger ones there are fewer a step
MEASURED_ON = 200  # crops, to see how far each of the teacher's channels spreads

Terms = dict[str, tuple[float, Tensor]]  # weight and value


class Crops(Protocol):
    """Where crops come from, with what the teacher sees in them."""

    def batch(self, pixels: int, rng: torch.Generator, names: Iterable[str]) -> dict[str, Tensor]:
        """So many that they have `pixels` together: of the picture, "image", of the depth and of the places in `SEEN` what is asked for."""
        ...


def spread_of(crops: Crops) -> dict[str, Tensor]:
    """Deviation [C, 1, 1] of the teacher's features in each channel."""
    seen = crops.batch(MEASURED_ON * CROP, torch.Generator().manual_seed(0), SEEN)
    return {name: seen[name].std((0, 2, 3))[:, None, None] + 1e-3 for name in SEEN}


def _seen(net: nn.Module, known: dict[str, Tensor], stages: Iterable[str] = STAGES) -> dict[str, Tensor]:
    """As `DepthNet.seen`, computed in half precision where that is fast."""
    with half_precision(next(iter(known.values())).device):
        return {stage: features.float() for stage, features in net.seen(known, stages).items()}


class Lessons:
    """The terms of a step's loss."""

    def __init__(self, settings: DepthSettings, crops: Crops) -> None:
        self.settings, self.crops, self.spread = settings, crops, spread_of(crops)

    def apart(self, net: nn.Module, rng: torch.Generator) -> Terms:
        """Each stage by itself, from what the teacher sees before it; or only the part whose turn it is."""
        parts = list(self.settings.apart)
        if not parts:
            given = self._batch(self.settings.schedule.batch, rng, ("image", "depth", *SEEN))
            alone = [_seen(net, given, [stage]) for stage in STAGES if any(True for _ in getattr(net, stage).parameters())]
            return self._terms({stage: features for seen in alone for stage, features in seen.items()}, given)
        part = parts[int(torch.randint(len(parts), (), generator=rng))]
        stages = part.split()
        wanted = {source for stage in stages for source in STAGES[stage]} | {"depth" if stage == "head" else stage for stage in stages}
        given = self._batch(self.settings.apart[part], rng, wanted)
        return self._terms(_seen(net, given, stages), given)

    def together(self, net: nn.Module, rng: torch.Generator, progress: float) -> Terms:
        given = self._batch(self.settings.schedule.batch, rng, ("image", "depth", *SEEN))
        return self._terms(_seen(net, {"image": given["image"]}), given, progress)

    def _batch(self, crops: int, rng: torch.Generator, names: Iterable[str]) -> dict[str, Tensor]:
        return self.crops.batch(crops * CROP, rng, names)

    def _terms(self, seen: dict[str, Tensor], given: dict[str, Tensor], progress: float = 0.0) -> Terms:
        """What can be said of what the network has seen."""
        settings = self.settings
        hints = settings.hints + (settings.last_hints - settings.hints) * progress
        found: Terms = {name: (hints, hint_loss(seen[name], given[name], self.spread[name])) for name in SEEN if name in seen}
        if "head" in seen:
            depth = depth_loss(seen["head"], given["depth"], settings.edges, settings.rows, settings.trendless)
            found["depth"] = settings.depth, depth
        return found


def step_maker(settings: DepthSettings, open_crops: Callable[[torch.device], Crops]) -> loop.MakeStep:
    """Steps on crops that each process opens for itself."""

    def make_step(device: torch.device) -> loop.Step:
        lessons = Lessons(settings, open_crops(device))

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            found = lessons.apart(net, rng) if progress < settings.apart_share else lessons.together(net, rng, progress)
            return sum(weight * term for weight, term in found.values()), {name: term.detach() for name, (_, term) in found.items()}

        return step

    return make_step
