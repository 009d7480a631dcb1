"""Training settings: frozen dataclasses filled from a TOML file, unknown keys are errors."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from pathlib import Path
from typing import TypeVar

from .checkpoint import Progress

Settings = TypeVar("Settings")


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How long and how fast; common to both networks."""

    learning_rate: float
    # How long over all legs, where the cosine ends: one of the two. Iterations make a run repeatable, seconds end it in time.
    budget_seconds: float = math.inf
    budget_iterations: float = math.inf
    final_learning_rate: float = 1e-6
    matrix_rate: float = 0.0  # of Muon, which trains the convolutions then, but for those within one channel; it falls as the others' does
    warmup_iterations: int = 100
    weight_decay: float = 1e-3  # of what Adam trains
    clip_norm: float = 1.0
    # Normalise by what was measured so far, not by each batch: few crops a step are no fair sample.
    steady_norms: bool = False
    average: float = 0.995  # decay of the exponential average that is exported
    batch: int = 8
    seed: int = 1
    save_every_seconds: float = 120.0

    def __post_init__(self) -> None:
        if math.isinf(self.budget_seconds) == math.isinf(self.budget_iterations):
            raise ValueError("a schedule needs either budget_seconds or budget_iterations")

    def progress(self, done: Progress) -> float:
        """The share of the budget that is spent; 1 and more is the end."""
        return max(done.seconds / self.budget_seconds, done.iterations / self.budget_iterations)


@dataclasses.dataclass(frozen=True)
class DepthSettings:
    schedule: Schedule
    apart_share: float = 0.0  # of the budget in which parts learn by themselves
    # Parts, of one stage or of several in a row ("deep1 deep2"): how many crops each learns from when it is its turn. If there are none, all
    # stages learn by themselves in every step, from the same crops.
    apart: dict[str, int] = dataclasses.field(default_factory=dict)
    depth: float = 1.0  # weight of the map itself
    edges: float = 0.5  # of its edges, relative to that
    rows: float = 1.0  # of the order within rows, relative to that
    trendless: float = 0.0  # of the map without its vertical trend, relative to that
    hints: float = 0.5  # of the teacher's features
    last_hints: float = 0.5  # the same at the end of the training; in between in a straight line


@dataclasses.dataclass(frozen=True)
class StyleSettings:
    """Weights of the terms; see `style_losses`."""

    schedule: Schedule
    apart_share: float = 0.0  # of the budget in which each part learns by itself, from the teacher's features to the teacher's features
    imitation: float = 0.1  # share of the steps afterwards that imitate the teacher
    mixed: float = 0.1  # share of the steps with a strength that is not 1 everywhere
    hints: float = 1.0  # of the teacher's features
    taught: float = 1.0  # of the L1 distance of both pictures, four times smaller
    pixel: float = 0.3  # of the L1 distance itself, colours weighted
    gradient: float = 0.3  # of the L1 distance of gradients
    # The other steps, where the strength is 1.
    weights: tuple[float, ...] = (1.0,)  # one per folder of crops: how often it is drawn
    style: float = 2.0  # of the style loss in the normalised VGG
    style_mean: float = 0.0  # of the plain mean of the same distances, which paintings of strong contrast rule
    squeeze: float = 1.0  # of the style loss in SqueezeNet
    squeeze_share: float = 0.5  # of the steps that look at SqueezeNet
    content: float = 1.0  # of the relative distance of deep features to the photo's
    colour: float = 1.0  # of the difference in colour moments
    steady: float = 0.0  # of what changes when the photo is moved by a few pixels
    steady_share: float = 0.25  # of the steps that look at it
    # All steps that do not only imitate.
    weave: float = 10.0  # of what repeats every four pixels in flat areas
    smoothness: float = 0.0  # of the total variation in the photo's flat areas
    range: float = 5.0  # of leaving [0, 1]


def load_settings(path: Path, kind: type[Settings]) -> Settings:
    """Reads `path` into `kind`, whose `schedule` is a table of its own."""
    table = tomllib.loads(path.read_text())
    schedule = Schedule(**table.pop("schedule"))
    return kind(schedule=schedule, **{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})
