"""The graph of the depth network, batch normalisation folded into the convolutions."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto
from torch import nn
from velatura_convert.graph import Graph, upsample

from ..depth_net import ConvNorm, DepthNet


def folded(net: DepthNet) -> dict[str, np.ndarray]:
    """Convolution weights and biases by layer name, each followed by its normalisation if it has one."""
    weights = {}
    for name, module in net.named_modules():
        if isinstance(module, ConvNorm):
            norm = module.norm
            scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().double().numpy()
            kernel = module.conv.weight.detach().double().numpy()
            weights[f"{name}.weight"] = kernel * scale[:, None, None, None]
            weights[f"{name}.bias"] = norm.bias.detach().double().numpy() - norm.running_mean.double().numpy() * scale
        elif isinstance(module, nn.Conv2d) and module.bias is not None:
            weights[f"{name}.weight"] = module.weight.detach().numpy()
            weights[f"{name}.bias"] = module.bias.detach().numpy()
    return weights | {name: getattr(net, name).detach().numpy() for name in ("place16", "place4")}


def spread_over(g: Graph, places: str, x: str) -> str:
    """A coarse map of the whole picture, interpolated to the size of x."""
    channels = g.weights[places].shape[1]
    size = g.op("Concat", g.constant([1, channels]), g.op("Shape", x, start=2), axis=0)
    return g.op("Resize", g.weight(places), "", "", size, mode="linear", coordinate_transformation_mode="half_pixel")


def stage(g: Graph, x: str, name: str) -> str:
    """A strided layer, then as many residuals as the weights have."""
    x = g.conv(x, f"{name}.0", "edge", stride=2)
    index = 1
    while f"{name}.{index}.first.weight" in g.weights:
        inner = g.conv(g.conv(x, f"{name}.{index}.first", "edge"), f"{name}.{index}.second", "edge", relu=False)
        x = g.op("Relu", g.op("Add", x, inner))
        index += 1
    return x


def depth_graph(net: DepthNet, stored: type = np.float16) -> onnx.ModelProto:
    """image u8 [N, H, W, 3] -> depth f32 [N, H/4, W/4], larger = nearer."""
    g = Graph("depth", folded(net), stored)
    image = g.input("image", TensorProto.UINT8, ("N", "H", "W", 3))
    quarter = stage(g, g.conv(g.picture_in(image), "stem", "edge", stride=2), "quarter")
    eighth = stage(g, quarter, "eighth")
    sixteenth = stage(g, eighth, "sixteenth")
    bottom = stage(g, sixteenth, "bottom")
    bottom = g.op("Add", bottom, g.conv(g.op("GlobalAveragePool", bottom), "context", "edge", relu=False))
    x = g.op("Add", upsample(g, g.conv(bottom, "up16", "edge")), sixteenth)
    x = g.op("Add", x, spread_over(g, "place16", x))
    x = g.op("Add", upsample(g, g.conv(x, "up8", "edge")), eighth)
    skip = g.conv(quarter, "skip4", "edge", relu=False)
    x = g.op("Relu", g.op("Add", upsample(g, g.conv(x, "up4", "edge")), skip))
    x = g.conv(g.conv(x, "refine", "edge"), "head", "edge", relu=False)
    x = g.op("Add", x, spread_over(g, "place4", x))
    g.output("depth", g.op("Squeeze", x, g.constant([1])), TensorProto.FLOAT, ("N", "h", "w"))
    return g.model()
