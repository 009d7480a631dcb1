"""Crops of paintings for training. Part of them are turned in hue and made more saturated: most of the collection is earth-coloured."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np

from .images import random_crop

SMALLEST_PAINTING_CROP = 0.7  # as a share of the short side


def recolour(pixels: np.ndarray, turn: float, saturation: float) -> np.ndarray:
    """Hue turned by `turn` radians about the grey axis, distance from it multiplied; u8 [H, W, 3]."""
    axis = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    matrix = axis + saturation * (math.cos(turn) * (np.eye(3) - axis) + math.sin(turn) * cross)
    return np.clip(pixels @ matrix.T + 0.5, 0, 255).astype(np.uint8)


def random_painting(collections: list[list[Path]], size: int, rng: random.Random, smallest: float = SMALLEST_PAINTING_CROP,
                    recoloured: float = 0.5) -> np.ndarray:
    """A crop from a collection drawn at random, as small as `smallest` of its short side, recoloured in a share of the cases."""
    pixels = random_crop(rng.choice(rng.choice(collections)), size, smallest, rng)
    if rng.random() >= recoloured:
        return pixels
    turn = rng.uniform(-math.pi, math.pi) if rng.random() < 0.6 else 0.0
    return recolour(pixels, turn, rng.uniform(1.0, 1.8))
