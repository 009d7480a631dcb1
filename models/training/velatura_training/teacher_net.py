"""The teacher of the depth network in PyTorch, to be asked on a GPU about crops as they are drawn."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import NodeProto, numpy_helper
from torch import Tensor, nn

from .depth_teacher import SEEN


class TeacherNet(nn.Module):
    """The graph of `tiefenrausch.onnx`, node by node; it has five kinds of them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        graph = onnx.load(path).graph
        self.nodes = [node for node in graph.node]
        self.source, self.answer = graph.input[0].name, graph.output[0].name
        values = {value.name: numpy_helper.to_array(value) for value in graph.initializer}
        self.bounds = {node.output[0]: tuple(float(values[name]) for name in node.input[1:]) for node in self.nodes if node.op_type == "Clip"}
        for node in self.nodes:
            for name in node.input[1:] if node.op_type == "Conv" else ():
                self.register_buffer(f"_{name}", torch.from_numpy(values[name].copy()))
        wanted = {place.tensor for place in SEEN.values()} | {self.answer}
        last = {name: index for index, node in enumerate(self.nodes) for name in node.input}
        self.done_with = [{name for name in node.input if last[name] == index} - wanted for index, node in enumerate(self.nodes)]

    @torch.no_grad()
    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """[N, 3, H, W] in [0, 1] to what it sees at the places of `SEEN`, and "depth": log disparity [N, 1, H/4, W/4]."""
        known = {self.source: image}
        for node, done_with in zip(self.nodes, self.done_with, strict=True):
            known[node.output[0]] = self._made_by(node, known)
            for name in done_with:
                known.pop(name, None)
        return {name: known[place.tensor] for name, place in SEEN.items()} | {"depth": F.avg_pool2d(known[self.answer], 4)}

    def _made_by(self, node: NodeProto, known: dict[str, Tensor]) -> Tensor:
        x = known[node.input[0]]
        match node.op_type:
            case "Conv":
                weight, bias = (getattr(self, f"_{name}") for name in node.input[1:])
                options = {option.name: onnx.helper.get_attribute_value(option) for option in node.attribute}
                return F.conv2d(x, weight, bias, options["strides"], options["pads"][:2], 1, options["group"])
            case "Clip":
                return x.clamp(*self.bounds[node.output[0]])
            case "Add":
                return x + known[node.input[1]]
            case "Resize":
                return F.interpolate(x, scale_factor=2, mode="nearest")
            case "Identity":
                return x
            case kind:
                raise ValueError(f"the teacher has a node of an unknown kind, {kind}")
