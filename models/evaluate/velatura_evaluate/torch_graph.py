"""Runs our own ONNX graphs in PyTorch, so that one can differentiate through them. Pictures go in as f32 [N, H, W, 3] in [0, 255]."""

from __future__ import annotations

import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from torch import Tensor

BINARY = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div}


class TorchGraph:
    """A graph made of the operators that feature and depth networks take."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}

    def __call__(self, image: Tensor) -> list[Tensor]:
        values = {"": None, self.graph.input[0].name: image} | self.weights
        for node in self.graph.node:
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = run(node.op_type, [values[name] for name in node.input], attributes)
        return [values[output.name] for output in self.graph.output]


def run(kind: str, x: list[Tensor | None], a: dict) -> Tensor:
    if kind in BINARY:
        return BINARY[kind](x[0], x[1])
    if kind == "Cast":
        return x[0].float()  # u8 in the graph, differentiable here
    if kind == "Identity":
        return x[0]
    if kind == "Relu":
        return F.relu(x[0])
    if kind == "Transpose":
        return x[0].permute(*a["perm"])
    if kind == "Concat":
        return torch.cat(x, a["axis"])
    if kind == "Unsqueeze":
        for axis in x[1].tolist():
            x[0] = x[0].unsqueeze(axis)
        return x[0]
    if kind == "Squeeze":
        return x[0].squeeze(int(x[1][0]))
    if kind == "GlobalAveragePool":
        return x[0].mean((2, 3), keepdim=True)
    if kind == "Pad":
        top, left, bottom, right = (int(x[1][i]) for i in (2, 3, 6, 7))
        mode = {b"edge": "replicate", b"reflect": "reflect"}[a["mode"]]
        return F.pad(x[0], (left, right, top, bottom), mode=mode)
    if kind == "Conv":
        border = a.get("pads", [0] * 4)[:2]
        return F.conv2d(x[0], x[1], x[2], a.get("strides", [1, 1]), tuple(border), groups=a.get("group", 1))
    if kind == "MaxPool":
        return F.max_pool2d(x[0], a["kernel_shape"], a["strides"], ceil_mode=bool(a.get("ceil_mode", 0)))
    if kind == "Resize":
        mode = {b"linear": "bilinear", b"nearest": "nearest"}[a["mode"]]
        return F.interpolate(x[0], scale_factor=[float(s) for s in x[2][2:]], mode=mode)
    raise ValueError(f"{kind} is not among the operators of these networks")
