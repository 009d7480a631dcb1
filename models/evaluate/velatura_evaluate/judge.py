"""One picture's figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from . import metrics
from .features import Features


class DepthNetwork:
    """A pack's depth graph."""

    def __init__(self, folder: Path) -> None:
        import tomllib

        from velatura_convert.runtime import Pack

        manifest = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
        self.name = f"{manifest['name']} {manifest['version']}"
        self._pack, self._spec = Pack(folder), manifest["depth"]

    def depth(self, picture: np.ndarray) -> np.ndarray:
        """Larger = nearer, whatever the pack's convention."""
        long, multiple = self._spec["long_side"], self._spec["multiple"]
        scale = long / max(picture.shape[:2])
        height, width = (max(round(n * scale / multiple), 1) * multiple for n in picture.shape[:2])
        small = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
        depth = self._pack.depth(np.asarray(small))
        return depth if self._spec["convention"] == "nearer-is-larger" else -depth


@dataclass
class Photo:
    """A photo with what is computed of it once, for the size of a result."""

    pixels: np.ndarray
    maps: list[np.ndarray]
    depth: np.ndarray
    alpha: np.ndarray


class Judge:
    """Compares pictures with their photo and their style."""

    def __init__(self, features: Features, depth: DepthNetwork) -> None:
        self.features, self.depth = features, depth
        self._photos: dict[tuple, Photo] = {}
        self._styles: dict[Path, list[np.ndarray]] = {}

    def photo(self, path: Path, height: int, width: int) -> Photo:
        key = path, height, width
        if key not in self._photos:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
            depth = self.depth.depth(pixels)
            self._photos[key] = Photo(pixels, self.features.maps(pixels), depth, metrics.alpha_of(depth))
        return self._photos[key]

    def style(self, path: Path) -> list[np.ndarray]:
        """At the long side of 512 pixels at which the program reads it."""
        if path not in self._styles:
            with Image.open(path) as image:
                image = image.convert("RGB")
                scale = 512 / max(image.size)
                size = tuple(max(round(n * scale), 16) for n in image.size)
                self._styles[path] = self.features.maps(np.asarray(image.resize(size, Image.Resampling.LANCZOS)))
        return self._styles[path]

    def figures(self, picture: np.ndarray, photo_path: Path, style_path: Path) -> dict[str, float]:
        height, width = picture.shape[:2]
        photo, style = self.photo(photo_path, height, width), self.style(style_path)
        maps, depth = self.features.maps(picture), self.depth.depth(picture)
        near, far = metrics.thirds(metrics.resized(photo.alpha, height, width))
        similar = metrics.ssim_map(picture, photo.pixels)
        apart = metrics.perceptual_map(maps, photo.maps, height, width)
        inner = (slice(5, -5), slice(5, -5))  # where SSIM's window fits
        return {
            "style": metrics.style_distance(maps, style),
            "content": metrics.content_distance(maps, photo.maps),
            "ssim": float(similar.mean()),
            "ssim near": float(similar[near[inner]].mean()),
            "ssim far": float(similar[far[inner]].mean()),
            "lpips": float(apart.mean()),
            "lpips near": float(apart[near].mean()),
            "lpips far": float(apart[far].mean()),
            "depth rows": metrics.row_agreement(depth, photo.depth),
            "depth rank": metrics.rank_correlation(depth, photo.depth),
            "depth-aware": metrics.depth_awareness(picture, photo.pixels, photo.alpha),
        }
