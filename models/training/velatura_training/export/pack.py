"""Writes a pack: its graphs and `pack.toml` with their checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

ORDER = ("style", "depth", "encode", "decode", "paint")
MANIFEST = """\
schema = 1
name = "{name}"
version = "{version}"
licence = "Apache-2.0"
description = "{description}"
precision = "fp32"

[paint]
multiple = 8            # sides of pictures given to the graphs are multiples of this
minimum = 16            # smallest side, pixels
halo = {halo: <16} # receptive field radius in pixels, rounded up to the multiple
levels = [ {{ channels = {channels[0]}, stride = 4 }}, {{ channels = {channels[1]}, stride = 8 }} ]

[depth]
convention = "{convention}"
long_side = {long_side: <11} # pixels at which the engine runs it
multiple = {multiple}

[files]                 # every graph with its checksum
"""


@dataclass(frozen=True)
class Manifest:
    """What `pack.toml` says beside the files."""

    name: str
    version: str
    description: str
    halo: int
    channels: tuple[int, int]
    convention: str = "nearer-is-larger"
    long_side: int = 384
    multiple: int = 32


def write_pack(folder: Path, manifest: Manifest, graphs: Mapping[str, onnx.ModelProto]) -> int:
    """Writes the five graphs and the manifest; returns the bytes of all graphs."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, total = [], 0
    for name in ORDER:
        data = graphs[name].SerializeToString(deterministic=True)
        (folder / f"{name}.onnx").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        lines.append(f'{name: <6} = {{ path = "{name}.onnx", sha256 = "{digest}", bytes = {len(data)} }}\n')
        total += len(data)
    (folder / "pack.toml").write_text(MANIFEST.format(**vars(manifest)) + "".join(lines))
    return total
