"""Picture files on disk and random crops of them."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def list_pictures(root: Path) -> list[Path]:
    """All pictures below `root`, in a stable order."""
    found = sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"no pictures below {root}")
    return found


def read_rgb(path: Path) -> Image.Image:
    """The picture as 8-bit RGB."""
    with Image.open(path) as picture:
        return picture.convert("RGB")


def round_to(value: float, multiple: int) -> int:
    """`value` to the nearest multiple, at least one."""
    return max(multiple, round(value / multiple) * multiple)


def fit_long_side(picture: Image.Image, long_side: int, multiple: int) -> Image.Image:
    """Resized so that the long side is `long_side`, both sides rounded to `multiple`."""
    scale = long_side / max(picture.size)
    size = tuple(round_to(side * scale, multiple) for side in picture.size)
    return picture.resize(size, Image.LANCZOS)


def center_square(path: Path, size: int) -> Tensor:
    """The largest square about the middle, f32 [3, size, size] in [0, 1]."""
    pixels = np.asarray(ImageOps.fit(read_rgb(path), (size, size), Image.LANCZOS))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


def random_crop(path: Path, size: int, smallest: float, rng: random.Random) -> np.ndarray:
    """A random square of the picture as u8 [size, size, 3], mirrored half of the time.

    `smallest` is the shortest crop side as a share of the picture's short side.
    """
    picture = read_rgb(path)
    width, height = picture.size
    side = int(min(width, height) * rng.uniform(smallest, 1.0))
    x, y = rng.randint(0, width - side), rng.randint(0, height - side)
    pixels = np.asarray(picture.resize((size, size), Image.LANCZOS, box=(x, y, x + side, y + side)))
    return pixels[:, ::-1].copy() if rng.random() < 0.5 else pixels
