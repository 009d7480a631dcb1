"""The graph of the depth network, batch normalisation folded into the convolutions."""

from __future__ import annotations

import copy

import numpy as np
import onnx
from onnx import TensorProto
from torch import nn
from velatura_convert.graph import Graph

from ..depth_net import STAGES, ConvNorm, DepthNet, Head, Inverted, Separable, Sum, Up


def folded(net: DepthNet) -> dict[str, np.ndarray]:
    """Convolution weights and biases by layer name, each with its normalisation if it has one."""
    weights = {}
    for name, module in net.named_modules():
        if isinstance(module, ConvNorm):
            weights[f"{name}.weight"], weights[f"{name}.bias"] = (part.detach().numpy() for part in copy.deepcopy(module).double().folded())
        elif isinstance(module, nn.Conv2d) and module.bias is not None:
            weights[f"{name}.weight"] = module.weight.detach().numpy()
            weights[f"{name}.bias"] = module.bias.detach().numpy()
    return weights


class DepthGraph(Graph):
    """The network's modules, each under the name it has there."""

    def layer(self, module: ConvNorm, name: str, x: str) -> str:
        return self.conv(x, name, "zero", module.conv.stride[0], module.relu, module.conv.groups)

    def inverted(self, module: Inverted, name: str, x: str) -> str:
        wide = self.layer(module.widen, f"{name}.widen", x)
        if module.doubles:
            wide = self.op("Resize", wide, "", self.constant([1.0, 1.0, 2.0, 2.0]), mode="nearest",
                           coordinate_transformation_mode="asymmetric", nearest_mode="floor")
        inner = self.layer(module.narrow, f"{name}.narrow", self.layer(module.within, f"{name}.within", wide))
        return self.op("Add", x, inner) if module.on_top else inner

    def separable(self, module: Separable, name: str, x: str) -> str:
        return self.op("Add", x, self.layer(module.across, f"{name}.across", self.layer(module.within, f"{name}.within", x)))

    def sequence(self, modules: nn.Sequential, name: str, x: str) -> str:
        for index, module in enumerate(modules):
            x = self.module(module, f"{name}.{index}", x)
        return x

    def up(self, module: Up, name: str, beside: str, deeper: str) -> str:
        risen = self.inverted(module.rise, f"{name}.rise", deeper)
        seen = self.inverted(module.beside, f"{name}.beside", beside)
        return self.sequence(module.refine, f"{name}.refine", self.op("Add", risen, seen))

    def head(self, module: Head, name: str, beside: str, deeper: str) -> str:
        both = self.op("Relu", self.op("Add", deeper, self.layer(module.beside, f"{name}.beside", beside)))
        return self.conv(self.sequence(module.refine, f"{name}.refine", both), f"{name}.depth", "zero", relu=False)

    def sum(self, module: Sum, name: str, beside: str, deeper: str) -> str:
        return self.op("Add", beside, deeper)

    def module(self, module: nn.Module, name: str, *sources: str) -> str:
        kinds = {ConvNorm: self.layer, Separable: self.separable, Inverted: self.inverted, nn.Sequential: self.sequence, Up: self.up,
                 Sum: self.sum, Head: self.head}
        return kinds[type(module)](module, name, *sources)


def depth_graph(net: DepthNet, stored: type = np.float16) -> onnx.ModelProto:
    """image u8 [N, H, W, 3] -> depth f32 [N, H/4, W/4], larger = nearer."""
    g = DepthGraph("depth", folded(net), stored)
    image = g.input("image", TensorProto.UINT8, ("N", "H", "W", 3))
    made = {"image": g.picture_in(image)}
    for stage, sources in STAGES.items():
        made[stage] = g.module(getattr(net, stage), stage, *(made[source] for source in sources))
    g.output("depth", g.op("Squeeze", made["head"], g.constant([1])), TensorProto.FLOAT, ("N", "h", "w"))
    return g.model()
