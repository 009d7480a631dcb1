"""Runs a pack's graphs in ONNX Runtime."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import onnxruntime as ort


class Pack:
    """The five graphs of a pack, one thread each, opened when first used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
        self._sessions: dict[str, ort.InferenceSession] = {}

    @property
    def depth_long_side(self) -> int:
        """Pixels at which the depth network is run."""
        return self._manifest["depth"]["long_side"]

    def run(self, graph: str, **inputs: np.ndarray) -> list[np.ndarray]:
        """All outputs of a graph, in its order."""
        if graph not in self._sessions:
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            path = self.folder / f"{graph}.onnx"
            self._sessions[graph] = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return self._sessions[graph].run(None, inputs)

    def code(self, painting: np.ndarray) -> np.ndarray:
        """u8 [H, W, 3] to f32 [1, K]."""
        return self.run("style", image=painting[None])[0]

    def paint(self, photo: np.ndarray, code: np.ndarray, alpha: np.ndarray | float = 1.0) -> np.ndarray:
        """Photo u8 [H, W, 3], sides multiples of 8; alpha in [0, 1], a number or f32 [H/4, W/4]."""
        height, width = photo.shape[0] // 4, photo.shape[1] // 4
        field = np.broadcast_to(np.float32(alpha), (1, 1, height, width)).copy()
        return self.run("paint", image=photo[None], code=code, alpha=field)[0][0]

    def depth(self, photo: np.ndarray) -> np.ndarray:
        """Photo u8 [H, W, 3], sides multiples of 32, to f32 [H/4, W/4]."""
        return self.run("depth", image=photo[None])[0][0]
