"""Training settings: frozen dataclasses filled from a TOML file, unknown keys are errors."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import TypeVar

Settings = TypeVar("Settings")


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How long and how fast; common to both networks."""

    budget_seconds: float  # wall-clock training time over all legs; the cosine ends here
    learning_rate: float
    final_learning_rate: float = 1e-6
    warmup_iterations: int = 100
    weight_decay: float = 1e-3
    clip_norm: float = 1.0
    average: float = 0.995  # decay of the exponential average that is exported
    batch: int = 8
    seed: int = 1
    save_every_seconds: float = 120.0


@dataclasses.dataclass(frozen=True)
class DepthSettings:
    schedule: Schedule
    size: int = 224  # crop side, pixels, multiple of 32
    max_turn: float = 0.15  # radians
    edges: float = 0.5
    weights: tuple[float, ...] = (1.0,)  # one per label folder: how often it is drawn


@dataclasses.dataclass(frozen=True)
class StyleSettings:
    schedule: Schedule
    zeros: float = 0.1  # share of samples with strength 0 everywhere, where the photo itself is the target
    pixel: float = 1.0  # weight of the L1 distance to the target, colours weighted
    gradient: float = 2.0  # of the L1 distance of its gradients
    feature: float = 0.3  # of the relative distance in the loss network's features
    weave: float = 0.0  # of what repeats every four pixels in flat areas
    range: float = 5.0  # of leaving [0, 1]
    colour: float = 0.0  # of the difference in colour moments, where alpha is 1
    style_start: float = 0.15  # of the style loss, where alpha is 1, at the start of the budget
    style_end: float = 0.15  # and at its end


def load_settings(path: Path, kind: type[Settings]) -> Settings:
    """Reads `path` into `kind`, whose `schedule` is a table of its own."""
    table = tomllib.loads(path.read_text())
    schedule = Schedule(**table.pop("schedule"))
    return kind(schedule=schedule, **{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})
