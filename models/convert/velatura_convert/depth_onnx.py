"""Depth from one photo, from an ONNX file as published: MiDaS small, Depth Anything V2 small, and whatever has their interface.

One input f32 [N, 3, H, W], RGB / 255, normalised by ImageNet's means and deviations unless the file does that itself or wants plain
pixels; one output [N, h, w] or [N, 1, h, w] of inverse depth. The file's own nodes stay as they are; what stands before and behind them is new.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .pack import Depth
from .torch_file import Unreadable

FILES = ("network",)
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def normalises(model: onnx.ModelProto, photo: str) -> bool:
    """Whether the first thing that the file does with its input is to subtract ImageNet's means."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants |= {node.output[0]: numpy_helper.to_array(a.t) for a in node.attribute if a.name == "value"}
    for node in model.graph.node:
        if photo in node.input and node.op_type == "Sub":
            other = next((constants[name] for name in node.input if name in constants), np.zeros(0))
            return other.size == 3 and np.allclose(np.ravel(other), MEAN, atol=1e-3)
    return False


def _io(model: onnx.ModelProto) -> tuple[onnx.ValueInfoProto, onnx.ValueInfoProto]:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        raise Unreadable("the file has not one input and one output: it is another network")
    return inputs[0], model.graph.output[0]


def _dims(value: onnx.ValueInfoProto) -> list[int | None]:
    return [d.dim_value if d.HasField("dim_value") else None for d in value.type.tensor_type.shape.dim]


def depth_graph(model: onnx.ModelProto, unit_pixels: bool = False) -> tuple[onnx.ModelProto, int | None]:
    """The pack's graph, and the side of the square that it takes if it takes nothing else."""
    photo, answer = _io(model)
    batch, channels, height, width = (_dims(photo) + [None] * 4)[:4]
    rank = len(_dims(answer))
    if channels not in (3, None) or rank not in (3, 4) or height != width:
        raise Unreadable(f"its input is {_dims(photo)} and its output {_dims(answer)}, not a picture and a map: another network")
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    prefix = "velatura_"
    constants, before, behind = [], [], []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, prefix + name))
        return prefix + name

    def node(where: list, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        where.append(helper.make_node(kind, inputs, [output], name=f"{prefix}{kind.lower()}_{len(where)}", **attributes))
        return output

    planes = node(before, "Transpose", ["image"], f"{prefix}planes", perm=[0, 3, 1, 2])
    x = node(before, "Cast", [planes], f"{prefix}floats", to=TensorProto.FLOAT)
    scale, shift = np.full((1, 3, 1, 1), 1 / 255), np.zeros((1, 3, 1, 1))
    if not unit_pixels and not normalises(model, photo.name):
        deviation, mean = (np.reshape(values, (1, 3, 1, 1)) for values in (DEVIATION, MEAN))
        scale, shift = scale / deviation, -mean / deviation
    x = node(before, "Mul", [x, constant("scale", scale.astype(np.float32))], f"{prefix}scaled")
    node(before, "Add", [x, constant("shift", shift.astype(np.float32))], photo.name)
    if rank == 4 and opset < 13:
        node(behind, "Squeeze", [answer.name], "depth", axes=[1])
    elif rank == 4:
        node(behind, "Squeeze", [answer.name, constant("axis", np.array([1]))], "depth")
    else:
        node(behind, "Identity", [answer.name], "depth")

    count = batch or "N"
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, (count, height or "H", width or "W", 3))
    depth = helper.make_tensor_value_info("depth", TensorProto.FLOAT, (count, "h", "w"))
    graph = helper.make_graph(
        [*before, *model.graph.node, *behind], "depth", [image], [depth], [*model.graph.initializer, *constants]
    )
    result = helper.make_model(graph, opset_imports=model.opset_import, producer_name="velatura")
    result.ir_version = max(model.ir_version, 4)  # weights need not be inputs
    onnx.checker.check_model(result)
    return result, height


def convert(files: dict[str, Path], long_side: int, multiple: int, unit_pixels: bool) -> tuple[Depth, dict[str, onnx.ModelProto]]:
    try:
        model = onnx.load(files["network"])
    except Exception as error:  # protobuf raises its own
        raise Unreadable(f"{files['network'].name}: it is no ONNX file: {error!r}") from error
    graph, side = depth_graph(model, unit_pixels)
    return Depth("nearer-is-larger", side or long_side, side or multiple), {"depth": graph}
