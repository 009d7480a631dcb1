"""Rewrites labels so that the first stages' features are the network's own, for the later stages to learn from by themselves.

A later stage that has learned from the teacher's features alone meets worse ones when all run together. Here it can get used to them
for the price of its own steps, while the stages before it stand still. Beside the new arrays lie links to the old ones.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap

from .depth_data import DepthLabels
from .depth_net import STAGES, DepthNet, load_depth
from .depth_teacher import SEEN

BATCH = 8


@torch.no_grad()
def rewrite(net: DepthNet, folder: Path, last: str, out: Path) -> None:
    """Writes to `out` the labels of `folder`, with the network's own features in all stages up to `last`."""
    stages = list(STAGES)[: list(STAGES).index(last) + 1]
    labels, cpu = DepthLabels(folder), torch.device("cpu")
    if out.exists():
        raise SystemExit(f"{out} is there already; remove it or choose another folder")
    unfinished = out.with_name(f".{out.name}.part")  # which no "*" finds
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in labels.arrays:
        if name not in stages:
            (unfinished / f"{name}.npy").symlink_to((folder / f"{name}.npy").resolve())
    own = {name: open_memmap(unfinished / f"{name}.npy", "w+", np.int8, labels.arrays[name].shape) for name in stages}
    for start in range(0, len(labels), BATCH):
        picks = list(range(start, min(start + BATCH, len(labels))))
        for name, features in net.seen(labels.batch(picks, cpu, ["image"]), stages).items():
            own[name][picks] = SEEN[name].stored(features.numpy())
    for array in own.values():
        array.flush()
    unfinished.rename(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True, help="resume point of a depth training")
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders written by depth_labels")
    parser.add_argument("--last", default="down16", choices=list(SEEN), help="the last stage whose features are rewritten")
    parser.add_argument("--out", type=Path, required=True, help="for one folder each, of the same names")
    args = parser.parse_args()
    net = load_depth(args.checkpoint)
    for folder in args.labels:
        rewrite(net, folder, args.last, args.out / folder.name)
        print(f"{folder.name}: rewritten up to {args.last}", flush=True)


if __name__ == "__main__":
    main()
