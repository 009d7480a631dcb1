"""Exports a pack: `python -m velatura_training.export --style ... --depth ... --out ... --version ...`."""

from __future__ import annotations

import argparse
from pathlib import Path

from velatura_convert.pack import Depth, Levels, Manifest, write_pack

from ..checkpoint import load_average
from ..depth_net import DepthNet
from ..style_net import load_style
from .depth_graph import depth_graph
from .style_graphs import STYLE_GRAPHS, channels

HALO = 72  # pixels: 67 by the kernels, rounded up to the multiple; `verify` measures it
DESCRIPTION = "Any painting as a style, two-level AdaIN with a depth network of its own; small enough for a laptop."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", type=Path, required=True, help="resume point (or .npz) of the style network")
    parser.add_argument("--depth", type=Path, required=True, help="resume point of the depth network")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pack")
    parser.add_argument("--version", required=True, help="version of the pack, such as 0.2.0")
    args = parser.parse_args()
    weights = {name: tensor.numpy() for name, tensor in load_style(args.style).state_dict().items()}
    graphs = {name: build(weights) for name, build in STYLE_GRAPHS.items()}
    graphs["depth"] = depth_graph(load_average(args.depth, DepthNet()))
    paint = Levels(multiple=8, minimum=16, halo=HALO, levels=tuple(zip(channels(weights), (4, 8))))
    depth = Depth("nearer-is-larger", long_side=384, multiple=32)
    manifest = Manifest("velatura-light", args.version, "Apache-2.0", DESCRIPTION, paint, depth)
    total = write_pack(args.out, manifest, graphs)
    print(f"{args.out}: {total} bytes")


if __name__ == "__main__":
    main()
