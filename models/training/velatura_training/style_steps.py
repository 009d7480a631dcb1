"""What a step of the style network's training learns from."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from . import loop, style_losses
from .alpha import random_alpha
from .config import StyleSettings
from .precision import half_precision
from .style_data import Batch, StyleData
from .style_layers import CELL, Moments
from .style_net import Code
from .style_teacher import StyleTeacher
from .style_terms import Losses, Terms

MEASURED_ON = 32  # pairs from which the units of the teacher's features are taken


@torch.no_grad()
def measured_units(teacher: StyleTeacher, given: Batch) -> dict[str, Moments]:
    """Mean and deviation [C, 1, 1] of the teacher's features in each channel; what is joined has the moments of the painting."""
    seen = teacher(given.photo, given.painting)[1]
    units = {name: (x.mean((0, 2, 3))[:, None, None], x.std((0, 2, 3))[:, None, None]) for name, x in seen.items()}
    return units | {"joined": units["painting_0"]}


def code_of(net: nn.Module, painting: Tensor) -> Code:
    with half_precision(painting.device):
        return net.style(painting)


def paint(net: nn.Module, photo: Tensor, code: Code, alpha: Tensor | None = None) -> Tensor:
    """The picture, at full strength if none is given."""
    with half_precision(photo.device):
        return net(photo, code, torch.ones_like(photo[:, :1]) if alpha is None else alpha).float()


class Lessons:
    """The terms of the loss for the crops of one step."""

    def __init__(self, settings: StyleSettings, teachers: Path, some: Batch) -> None:
        device = some.photo.device
        self.settings, self.losses = settings, Losses(settings, teachers, device)
        self.teacher = StyleTeacher(teachers).to(device).eval()
        self.units = measured_units(self.teacher, some)

    def imitate(self, net: nn.Module, given: Batch, apart: bool) -> Terms:
        """The teacher's picture, smooth where the photo is flat, and its features in their units."""
        with half_precision(given.photo.device):
            with torch.no_grad():
                taught, seen = self.teacher(given.photo, given.painting)
            wanted = {name: (seen[name].float() - mean) / deviation for name, (mean, deviation) in self.units.items()}
            own, seen = net.seen(given.photo, given.painting, wanted if apart else None)
        hints = {name: (self.settings.hints, (seen[name].float() - wanted[name]).square().mean()) for name in wanted}
        taught = style_losses.unwoven(taught.float().clamp(0, 1), style_losses.flatness(given.photo))
        return hints | self.losses.imitation(own.float(), taught)

    def mix(self, net: nn.Module, given: Batch, rng: torch.Generator) -> Terms:
        """A strength that varies mixes the photo and the network's own picture at full strength."""
        alpha = random_alpha(len(given.photo), given.photo.shape[-1], 1.0, rng).to(given.photo.device)
        code = code_of(net, given.painting)
        own = paint(net, given.photo, code, alpha)
        with torch.no_grad():
            target = alpha * paint(net, given.photo, code) + (1 - alpha) * given.photo
        return self.losses.clean(own, style_losses.flatness(given.photo)) | self.losses.imitation(own, target)

    def follow(self, net: nn.Module, given: Batch, rng: torch.Generator) -> Terms:
        """The painting's style, the photo's content, and no grid."""
        code = code_of(net, given.painting)
        own = paint(net, given.photo, code)
        shares = torch.tensor([self.settings.squeeze_share, self.settings.steady_share])
        with_squeezenet, with_steadiness = (torch.rand(2, generator=rng) < shares).tolist()
        terms = self.losses.clean(own, style_losses.flatness(given.photo)) | self.losses.direct(own, given, with_squeezenet)
        if with_steadiness:
            terms["steady"] = (self.settings.steady, self.steadiness(net, given.photo, code, own, rng))
        return terms

    def steadiness(self, net: nn.Module, photo: Tensor, code: Code, own: Tensor, rng: torch.Generator) -> Tensor:
        offset = divmod(int(torch.randint(1, CELL * CELL, (), generator=rng)), CELL)
        y, x, side = *offset, photo.shape[-1] - CELL
        with torch.no_grad():
            moved = paint(net, photo[..., y : y + side, x : x + side], code)
        return style_losses.steadiness_loss(own, moved, offset)


def step_maker(settings: StyleSettings, data: list[Path], teachers: Path) -> loop.MakeStep:
    """First each part by itself; then shares of the steps imitate the teacher, mix or follow."""

    def make_step(device: torch.device) -> loop.Step:
        crops = [StyleData(folder) for folder in data]
        shares = torch.tensor(settings.weights)
        if len(shares) != len(crops):
            raise ValueError(f"the configuration has weights for {len(shares)} folders of crops, not for {len(crops)}")
        lessons = Lessons(settings, teachers, crops[0].random_batch(MEASURED_ON, torch.Generator().manual_seed(0), device))

        def step(net: nn.Module, rng: torch.Generator, device: torch.device, progress: float) -> tuple[Tensor, dict[str, Tensor]]:
            given = crops[int(torch.multinomial(shares, 1, generator=rng))].random_batch(settings.schedule.batch, rng, device)
            kind, apart = float(torch.rand((), generator=rng)), progress < settings.apart_share
            if apart or kind < settings.imitation:
                terms = lessons.imitate(net, given, apart)
            elif kind < settings.imitation + settings.mixed:
                terms = lessons.mix(net, given, rng)
            else:
                terms = lessons.follow(net, given, rng)
            return sum(weight * term for weight, term in terms.values()), {name: term.detach() for name, (_, term) in terms.items()}

        return step

    return make_step
