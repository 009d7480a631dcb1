"""Builds ONNX graphs node by node: weights cast to fp32, pictures as u8 NHWC, dynamic sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 9
Weights = Mapping[str, np.ndarray]  # layer name + ".weight" / ".bias"


class Graph:
    """A graph under construction. Every method that adds a node returns the name of its output.

    `storage` is the type in which weights are kept in the file; they are used as fp32.
    """

    def __init__(self, name: str, weights: Weights, storage: type = np.float16) -> None:
        self.name, self.weights, self.storage = name, weights, storage
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._casts: dict[str, str] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: Sequence[str | int]) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, value: str, kind: int, shape: Sequence[str | int]) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name], name=name))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: object) -> str | list[str]:
        """A node of any kind; a list of names if it has several outputs."""
        label = f"{kind.lower()}_{len(self._nodes)}"
        names = [label] if outputs == 1 else [f"{label}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, name=label, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value: float | Sequence[int] | Sequence[float]) -> str:
        """A scalar or vector, stored once: fp32 if given as floats, int64 if as integers."""
        array = np.asarray(value)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        label = f"constant_{array.dtype}_{'_'.join(str(v) for v in array.ravel())}"
        self._constants.setdefault(label, numpy_helper.from_array(array, label))
        return label

    def weight(self, name: str) -> str:
        """A trained tensor, rounded to the storage type and used as fp32."""
        if name not in self._casts:
            stored = np.asarray(self.weights[name]).astype(self.storage)
            if not np.isfinite(stored).all():
                raise OverflowError(f"{name} does not fit into {np.dtype(self.storage)}")
            self._constants[name] = numpy_helper.from_array(stored, name)
            self._casts[name] = name if stored.dtype == np.float32 else self.op("Cast", name, to=TensorProto.FLOAT)
        return self._casts[name]

    def conv(self, x: str, layer: str, pad: str, stride: int = 1, relu: bool = True, groups: int = 1) -> str:
        """Convolution over a border of mode `pad` (reflect, edge or zero), optionally rectified."""
        border = self.weights[f"{layer}.weight"].shape[2] // 2
        attributes = {"strides": [stride, stride]} | ({"group": groups} if groups > 1 else {})
        if pad == "zero":
            attributes["pads"] = [border] * 4
        elif border:
            x = self.op("Pad", x, self.constant([0, 0, border, border] * 2), mode=pad)
        x = self.op("Conv", x, self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias"), **attributes)
        return self.op("Relu", x) if relu else x

    def pixels(self, image: str) -> str:
        """u8 [N, H, W, 3] to f32 [N, 3, H, W] in [0, 255]."""
        return self.op("Cast", self.op("Transpose", image, perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)

    def linear(self, x: str, layer: str) -> str:
        """[N, I] to [N, O]."""
        return self.op("Gemm", x, self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias"), transB=1)

    def picture_in(self, image: str) -> str:
        """u8 [N, H, W, 3] to f32 [N, 3, H, W] in [-1, 1]."""
        return self.op("Sub", self.op("Mul", self.pixels(image), self.constant(2 / 255)), self.constant(1.0))

    def picture_out(self, x: str, white: float = 1.0) -> str:
        """f32 [N, 3, H, W], clipped to [0, white], to u8 [N, H, W, 3]: floor(255 v / white + 0.5)."""
        x = self.op("Clip", x, self.constant(0.0), self.constant(white))
        if white != 255.0:
            x = self.op("Mul", x, self.constant(255.0 / white))
        x = self.op("Floor", self.op("Add", x, self.constant(0.5)))
        return self.op("Transpose", self.op("Cast", x, to=TensorProto.UINT8), perm=[0, 2, 3, 1])

    def model(self) -> onnx.ModelProto:
        """The finished, checked model, without nodes and weights that no output needs."""
        needed, nodes = {value.name for value in self._outputs}, []
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                nodes.insert(0, node)
        constants = [tensor for name, tensor in self._constants.items() if name in needed]
        graph = helper.make_graph(nodes, self.name, self._inputs, self._outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="velatura")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


def upsample(g: Graph, x: str, factor: int = 2) -> str:
    """`factor` times the size, bilinear on half-pixel centres."""
    scales = g.constant([1.0, 1.0, float(factor), float(factor)])
    return g.op("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")
