"""The terms of the style network's loss, each with its weight, and the networks that they need."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from . import style_losses
from .config import StyleSettings
from .gradients import gradient_difference
from .precision import half_precision
from .proxy_vgg import LAYERS, ProxyVgg
from .squeezenet import SqueezeNet
from .style_data import Batch

Term = tuple[float, Tensor]
Terms = dict[str, Term]


class Losses:
    """`teachers` is a folder with vgg16x_encoder4.npz and squeezenet10.npz."""

    def __init__(self, settings: StyleSettings, teachers: Path, device: torch.device) -> None:
        self.settings = settings
        self.vgg = ProxyVgg(teachers / "vgg16x_encoder4.npz").to(device).eval()
        self.squeezenet = SqueezeNet(teachers / "squeezenet10.npz").to(device).eval()

    def imitation(self, own: Tensor, target: Tensor) -> Terms:
        """How far the pictures are from those that they should be."""
        return {
            "taught": (self.settings.taught, style_losses.small_loss(own, target)),
            "pixel": (self.settings.pixel, style_losses.pixel_loss(own, target)),
            "gradient": (self.settings.gradient, gradient_difference(own, target)),
        }

    def direct(self, own: Tensor, given: Batch, with_squeezenet: bool) -> Terms:
        """How far the pictures are from the painting's style and from the photo's content; the strength is 1 everywhere."""
        with half_precision(own.device):
            seen = self.vgg(own)
            squeezed = self.squeezenet(own) if with_squeezenet else None
        moments = style_losses.style_moments(self.vgg, seen, squeezed)
        distance = style_losses.style_distance(moments, given.moments)
        terms = {
            "style root": (self.settings.style, style_losses.style_loss(distance)),
            "style": (self.settings.style_mean, distance.mean()),
            "content": (self.settings.content, style_losses.content_loss(seen[LAYERS[-1]], given.deep)),
            "colour": (self.settings.colour, style_losses.colour_loss(own, given.painting)),
        }
        if with_squeezenet:
            terms["squeeze"] = (self.settings.squeeze, style_losses.squeeze_loss(moments, given.moments))
        return terms

    def clean(self, own: Tensor, flat: Tensor) -> Terms:
        """What no picture should have."""
        return {
            "weave": (self.settings.weave, style_losses.weave_loss(own, flat)),
            "roughness": (self.settings.smoothness, style_losses.roughness(own, flat)),
            "range": (self.settings.range, style_losses.range_loss(own)),
        }
