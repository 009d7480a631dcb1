"""The mean of two resume points of the depth network, of which one went on from the other.

Part of what a network learns at its end is its few crops by heart. Half-way, it keeps most of the use and is rid of most of the harm
(Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import nn

from . import checkpoint
from .depth_net import load_depth

NOT_BEGUN = {"state": {}, "param_groups": []}  # an optimiser's state


@torch.no_grad()
def mean(one: nn.Module, other: nn.Module) -> nn.Module:
    """`one`, moved half-way to `other`, which has the same outline."""
    for value, wanted in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        if value.is_floating_point():
            value.lerp_(wanted, 0.5)
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs=2, help="resume points")
    parser.add_argument("--out", type=Path, required=True, help="resume point to begin another training with, or to export")
    args = parser.parse_args()
    net = mean(*map(load_depth, args.checkpoints))
    checkpoint.save(args.out, net, net, NOT_BEGUN, checkpoint.Progress())


if __name__ == "__main__":
    main()
