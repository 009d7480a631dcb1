"""Reads the style network's weights back out of a pack: `python -m velatura_training.export.weights --pack ... --out start.npz`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def style_weights(pack: Path) -> dict[str, np.ndarray]:
    """Every trained tensor by its name, in fp32: the painting's encoder is in the style graph, all else in the paint graph."""
    tensors = (tensor for name in ("style", "paint") for tensor in onnx.load(pack / f"{name}.onnx").graph.initializer)
    stored = (tensor for tensor in tensors if not tensor.name.startswith("constant_"))
    return {tensor.name: numpy_helper.to_array(tensor).astype(np.float32) for tensor in stored}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help=".npz for train_style --start-from")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(args.out, **style_weights(args.pack))


if __name__ == "__main__":
    main()
