"""Networks whose features are compared, as ONNX graphs: image u8 [N, H, W, 3] to several maps, from shallow to deep.

- `vgg16x_encoder4.npz`: a normalised VGG-19 pruned 16 times (Collaborative Distillation), whose 1x1 layers predict the full channels of
  relu1_1 to relu4_1;
- `squeezenet10.npz`: SqueezeNet 1.0 on ImageNet, after its first convolution and after fire2, 3, 4, 5, 8;
- a pack's folder: its own encoder, which is at hand and biased in that pack's favour.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto
from velatura_convert.graph import Graph

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VGG = ("conv11", "conv12", "pool", "conv21", "conv22", "pool", "conv31", "conv32", "conv33", "conv34", "pool", "conv41")
FIRES = ("fire2", "fire3", "fire4", "pool", "fire5", "fire6", "fire7", "fire8")
SQUEEZED = ("fire2", "fire3", "fire4", "fire5", "fire8")


def _output(g: Graph, number: int, x: str) -> None:
    g.output(f"map_{number}", x, TensorProto.FLOAT, ("N", f"c{number}", f"h{number}", f"w{number}"))


def vgg_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = Graph("features", weights, np.float32)
    x = g.op("Mul", g.pixels(g.input("image", TensorProto.UINT8, ("N", "H", "W", 3))), g.constant(1 / 255))
    x, count = g.conv(x, "conv0", "reflect", relu=False), 0
    for layer in VGG:
        x = g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]) if layer == "pool" else g.conv(x, layer, "reflect")
        if f"{layer}_aux.weight" in weights:
            _output(g, count, g.conv(x, f"{layer}_aux", "reflect", relu=False))
            count += 1
    return g.model()


def squeezenet_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    g = Graph("features", {n.replace(".w", ".weight").replace(".b", ".bias"): v for n, v in weights.items()}, np.float32)
    x = g.op("Mul", g.pixels(g.input("image", TensorProto.UINT8, ("N", "H", "W", 3))), g.constant(1 / 255))
    mean, deviation = (g.op("Unsqueeze", g.constant(list(values)), g.constant([0, 2, 3])) for values in (MEAN, DEVIATION))
    x = g.op("Div", g.op("Sub", x, mean), deviation)

    def conv(x: str, layer: str, **attributes: object) -> str:
        return g.op("Relu", g.op("Conv", x, g.weight(f"{layer}.weight"), g.weight(f"{layer}.bias"), **attributes))

    def pool(x: str) -> str:
        return g.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)

    x = conv(x, "conv1", strides=[2, 2])
    _output(g, 0, x)
    x = pool(x)
    for layer in FIRES:
        if layer == "pool":
            x = pool(x)
            continue
        small = conv(x, f"{layer}.sq")
        x = g.op("Concat", conv(small, f"{layer}.e1"), conv(small, f"{layer}.e3", pads=[1] * 4), axis=1)
        if layer in SQUEEZED:
            _output(g, 1 + SQUEEZED.index(layer), x)
    return g.model()


class Features:
    """A feature network, by the file or folder it is in."""

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            self.name = f"the encoder of {path.name}"
            self.model = onnx.load(path / "encode.onnx")
        else:
            with np.load(path, allow_pickle=False) as arrays:
                weights = dict(arrays)
            self.name = path.stem
            self.model = squeezenet_graph(weights) if "fire2.sq.w" in weights else vgg_graph(weights)
        self.multiple = 8 if path.is_dir() else 1
        options = ort.SessionOptions()
        options.log_severity_level = 3
        self._session = ort.InferenceSession(self.model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def maps(self, picture: np.ndarray) -> list[np.ndarray]:
        """u8 [H, W, 3] to [C, h, w] of each layer."""
        height, width = (length // self.multiple * self.multiple for length in picture.shape[:2])
        return [m[0] for m in self._session.run(None, {"image": np.ascontiguousarray(picture[None, :height, :width])})]
