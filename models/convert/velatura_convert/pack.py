"""Writes a pack: its graphs and `pack.toml` with their checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnx

ORDER = ("style", "depth", "encode", "decode", "measure", "tile", "paint")


@dataclass(frozen=True)
class Levels:
    """Painting by AdaIN: statistics of feature levels, which the engine gathers itself."""

    multiple: int  # sides of pictures given to the graphs are multiples of this
    minimum: int  # smallest side, pixels
    halo: int  # receptive field radius in pixels, rounded up to the multiple
    levels: tuple[tuple[int, int], ...]  # (channels, pixels to a cell) of each, finest first

    def what(self) -> str:
        levels = ", ".join(f"{{ channels = {c}, stride = {s} }}" for c, s in self.levels)
        return f"levels = [ {levels} ]\n"


@dataclass(frozen=True)
class Measured:
    """Painting by any network that normalises over the whole picture: graph `measure` gives its statistics, `tile` takes them."""

    multiple: int
    minimum: int
    halo: int
    code: int  # numbers in a style's code; 0: the style is in the weights
    statistics: int  # numbers that `measure` gives
    alpha_stride: int  # pixels to a cell of the strength map

    def what(self) -> str:
        return (
            f"measured = {{ code = {self.code}, statistics = {self.statistics}, alpha_stride = {self.alpha_stride} }}"
            "  # code 0: the style is in the weights\n"
        )


@dataclass(frozen=True)
class Depth:
    """What `depth` gives and wants."""

    convention: str  # nearer-is-larger or farther-is-larger
    long_side: int  # pixels at which the engine runs it
    multiple: int  # sides are multiples of this; the long side itself means a square


@dataclass(frozen=True)
class Manifest:
    """What `pack.toml` says beside the files."""

    name: str
    version: str
    licence: str
    description: str
    paint: Levels | Measured | None = None
    depth: Depth | None = None
    source: list[str] = field(default_factory=list)  # lines of comment: where the weights come from

    def head(self) -> str:
        text = "".join(f"# {line}\n" for line in self.source) + "schema = 1\n"
        for key in ("name", "version", "licence", "description"):
            text += f"{key} = {json.dumps(getattr(self, key), ensure_ascii=False)}\n"
        text += 'precision = "fp32"\n'
        if paint := self.paint:
            text += (
                f"\n[paint]\nmultiple = {paint.multiple: <12} # sides of pictures given to the graphs are multiples of this\n"
                f"minimum = {paint.minimum: <13} # smallest side, pixels\n"
                f"halo = {paint.halo: <16} # receptive field radius in pixels, rounded up to the multiple\n{paint.what()}"
            )
        if depth := self.depth:
            text += (
                f'\n[depth]\nconvention = "{depth.convention}"\n'
                f"long_side = {depth.long_side: <11} # pixels at which the engine runs it\nmultiple = {depth.multiple}\n"
            )
        return text + "\n[files]                 # every graph with its checksum\n"


def write_pack(folder: Path, manifest: Manifest, graphs: Mapping[str, onnx.ModelProto]) -> int:
    """Writes the graphs and, last, the manifest; returns the bytes of all graphs."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, total = [], 0
    for name in (name for name in ORDER if name in graphs):
        data = graphs[name].SerializeToString(deterministic=True)
        (folder / f"{name}.onnx").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        lines.append(f'{name: <7} = {{ path = "{name}.onnx", sha256 = "{digest}", bytes = {len(data)} }}\n')
        total += len(data)
    (folder / "pack.toml").write_text(manifest.head() + "".join(lines), encoding="utf-8")
    return total
