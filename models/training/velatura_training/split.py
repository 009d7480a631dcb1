"""Which pictures are trained on and which only judge: one rule, by file name, for both networks.

A picture is held out if the SHA-256 of its title starts with a byte below `HELD_OUT_BYTES`; its title is the file name without suffix,
source prefix ("adain__la_muse" -> "la_muse") and case, so that copies in several collections share one fate. Pictures known to hide in
popular test sets are neither trained on nor judged with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

HELD_OUT_BYTES = 12  # of 256: 4.7 % of the pictures
NEITHER = ("woman_with_hat_matisse", "picasso_self_portrait", "golden_gate")
THUMBNAIL = 16  # pixels a side, for near copies
NEAR = 8.0  # mean grey difference below which two thumbnails show one picture


def title(path: Path) -> str:
    return path.stem.rsplit("__", 1)[-1].lower()


def is_judge(path: Path) -> bool:
    """Whether the picture is kept from training to judge with."""
    return not is_neither(path) and hashlib.sha256(title(path).encode()).digest()[0] < HELD_OUT_BYTES


def is_neither(path: Path) -> bool:
    return any(name in title(path) for name in NEITHER)


def trained_on(paths: Iterable[Path]) -> list[Path]:
    return [p for p in paths if not is_judge(p) and not is_neither(p)]


def thumbnail(path: Path) -> np.ndarray:
    """Grey f32 [THUMBNAIL, THUMBNAIL]."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((THUMBNAIL, THUMBNAIL), Image.BOX), np.float32)


def judges(paths: Iterable[Path]) -> list[Path]:
    """The held-out pictures that have no near copy, mirrored or not, among those trained on."""
    paths = list(paths)
    seen = np.stack([thumbnail(p) for p in trained_on(paths)]) if trained_on(paths) else np.zeros((0, THUMBNAIL, THUMBNAIL))
    return [p for p in paths if is_judge(p) and not _has_near_copy(thumbnail(p), seen)]


def _has_near_copy(picture: np.ndarray, seen: np.ndarray) -> bool:
    both = (picture, picture[:, ::-1])
    return any(bool((np.abs(seen - view).mean((1, 2)) < NEAR).any()) for view in both)
