"""The depth network out of a pack, to train on: packs outlive resume points."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from .depth_net import ConvNorm, DepthNet
from .images import center_square, list_pictures
from .split import trained_on

MEASURED_ON = 32  # photos
SIDE = 320  # pixels


def unfolded(path: Path) -> DepthNet:
    """The network of a `depth.onnx`, where normalisation was folded into the convolutions: what it does is nothing but its shift."""
    stored = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()).float() for tensor in onnx.load(path).graph.initializer}
    net = DepthNet().eval()
    try:
        for name, module in net.named_modules():
            if isinstance(module, ConvNorm):
                module.conv.weight.data.copy_(stored[f"{name}.weight"])
                module.norm.bias.data.copy_(stored[f"{name}.bias"])
                module.norm.weight.data.fill_(1)
                module.norm.running_mean.fill_(0)
                module.norm.running_var.fill_(1 - module.norm.eps)
            elif isinstance(module, nn.Conv2d) and module.bias is not None:
                module.weight.data.copy_(stored[f"{name}.weight"])
                module.bias.data.copy_(stored[f"{name}.bias"])
    except (KeyError, RuntimeError) as error:
        raise SystemExit(f"{path} is no depth network of this version ({error}); begin without it") from None
    return net


@torch.no_grad()
def normalised(net: DepthNet, images: list[Tensor]) -> DepthNet:
    """The same function, its normalisations made to normalise again, by what they see in `images` [1, 3, H, W]: as training needs it."""
    layers = [module for module in net.modules() if isinstance(module, ConvNorm)]
    sums = {layer: torch.zeros(3, layer.norm.num_features, dtype=torch.float64) for layer in layers}

    def see(layer: ConvNorm, given: tuple[Tensor]) -> None:
        x = layer.conv(given[0]).double().transpose(0, 1).flatten(1)
        sums[layer] += torch.stack((torch.full((len(x),), x.shape[1]), x.sum(1), x.square().sum(1)))

    hooks = [layer.register_forward_pre_hook(see) for layer in layers]
    for image in images:
        net(image)
    for hook in hooks:
        hook.remove()
    for layer in layers:
        norm, (count, total, squares) = layer.norm, sums[layer]
        mean = (total / count).float()
        variance = (squares / count - (total / count).square()).clamp(min=0).float()
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.bias += (mean - norm.running_mean) * scale
        norm.weight.copy_(scale * (variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
    return net


def load_pack_depth(path: Path, photos: Path) -> DepthNet:
    """To begin a training with; `photos` is the folder that normalisation is measured on."""
    chosen = trained_on(list_pictures(photos))
    return normalised(unfolded(path), [center_square(p, SIDE)[None] for p in chosen[:: max(1, len(chosen) // MEASURED_ON)]])
