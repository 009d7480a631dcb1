"""What a training leaves behind while it runs: its average, resume points, a log, curves and sample sheets.

Beside the resume point `x.pt` lie `x.jsonl` (one line of figures every `LOG_EVERY` iterations and at each save), `x-curves.png` and
`x-sheet.png`.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from . import checkpoint
from .config import Schedule
from .curves import draw_curves
from .optimiser import Optimiser

LOG_EVERY = 50
# Judges the averaged network on pictures it does not train on: figures for the log, and a sheet to look at.
Watch = Callable[[nn.Module], tuple[dict[str, float], Image.Image]]


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, decay: float, iteration: int) -> None:
    """Moves the exponential average, faster at first."""
    share = 1 - min(decay, (1 + iteration) / (10 + iteration))
    pairs = list(zip(average.state_dict().values(), net.state_dict().values(), strict=True))
    torch._foreach_lerp_(*map(list, zip(*(pair for pair in pairs if pair[0].is_floating_point()))), share)
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)


class Recorder:
    """Averages, logs, draws and saves for the first process of a leg."""

    def __init__(self, path: Path, schedule: Schedule, net: nn.Module, average: nn.Module, optimiser: Optimiser,
                 watch: Watch | None) -> None:
        self.path, self.schedule, self.net, self.average, self.optimiser, self.watch = path, schedule, net, average, optimiser, watch
        self.figures: dict[str, list[Tensor]] = defaultdict(list)
        self.saved_at = time.monotonic()

    def beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.stem + ending)

    def after_step(self, done: checkpoint.Progress, figures: dict[str, Tensor]) -> None:
        follow(self.average, self.net, self.schedule.average, done.iterations)
        for name, figure in figures.items():
            self.figures[name].append(figure)  # not read yet: a GPU would have to finish the step first
        if done.iterations % LOG_EVERY == 0:
            means = {name: float(torch.stack(seen).mean()) for name, seen in self.figures.items()}
            self.log(done, {"learning_rate": self.optimiser.param_groups[-1]["lr"], **means})
            self.figures.clear()
        if time.monotonic() - self.saved_at > self.schedule.save_every_seconds:
            self.save(done)

    def log(self, done: checkpoint.Progress, figures: dict[str, float]) -> None:
        line = {"seconds": round(done.seconds, 1), "iterations": done.iterations, **{k: float(f"{v:.5g}") for k, v in figures.items()}}
        with self.beside(".jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        print(" ".join(f"{name} {figure}" for name, figure in line.items()), flush=True)

    def save(self, done: checkpoint.Progress) -> None:
        """Writes the resume point, then judges and draws."""
        checkpoint.save(self.path, self.net, self.average, self.optimiser.state_dict(), done)
        if self.watch:
            with torch.no_grad():
                figures, sheet = self.watch(self.average.eval())
            self.average.train()
            self.log(done, {f"held out {name}": figure for name, figure in figures.items()})
            sheet.save(self.beside("-sheet.png"))
        draw_curves(self.beside(".jsonl")).save(self.beside("-curves.png"))
        self.saved_at = time.monotonic()
