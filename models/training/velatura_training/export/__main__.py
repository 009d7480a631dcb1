"""Exports a pack: `python -m velatura_training.export --style ... --depth ... --out ... --version ...`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from velatura_convert.pack import Depth, Levels, Manifest, write_pack

from ..depth_net import load_depth
from ..style_layers import CELL
from ..style_net import load_style
from .depth_graph import depth_graph
from .style_graphs import STYLE_GRAPHS, channels

HALO = 48  # pixels: 42 by the kernels and 6 by the interpolation; `verify` measures it
DESCRIPTION = "Any painting as a style, two-level AdaIN with a depth network of its own; small enough for a laptop."
STORED = {"fp16": np.float16, "fp32": np.float32}


def export(style: Path, depth: Path, out: Path, version: str, depth_long_side: int = 256, stored: type = np.float16) -> int:
    """Writes the pack; returns the bytes of its graphs. `depth` may be the graph of an earlier pack, which is kept as it is."""
    weights = {name: tensor.numpy() for name, tensor in load_style(style).state_dict().items()}
    graphs = {name: build(weights, stored) for name, build in STYLE_GRAPHS.items()}
    graphs["depth"] = onnx.load(depth) if depth.suffix == ".onnx" else depth_graph(load_depth(depth), stored)
    paint = Levels(multiple=4, minimum=16, halo=HALO, levels=tuple((count, CELL) for count in channels(weights)))
    manifest = Manifest("velatura-light", version, "Apache-2.0", DESCRIPTION, paint, Depth("nearer-is-larger", depth_long_side, multiple=32))
    return write_pack(out, manifest, graphs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", type=Path, required=True, help="resume point (or .npz) of the style network")
    parser.add_argument("--depth", type=Path, required=True, help="resume point of the depth network, or depth.onnx of an earlier pack")
    parser.add_argument("--depth-long-side", type=int, default=256, help="pixels at which the engine runs the depth network")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--version", required=True, help="version of the pack, such as 0.3.0")
    parser.add_argument("--stored", choices=STORED, default="fp16", help="type of the weights in the files")
    args = parser.parse_args()
    total = export(args.style, args.depth, args.out, args.version, args.depth_long_side, STORED[args.stored])
    print(f"{args.out}: {total} bytes")


if __name__ == "__main__":
    main()
