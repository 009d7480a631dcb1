"""AdaIN on VGG-19: the pack paints what the published code computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from velatura_convert.adain_vgg import DECODER, ENCODER, shapes

from .reference import adain, conv, max_pool, nearest, pixels, planes, relu
from .support import PackCase, picture, random_weights


def calibrated(encoder: dict, decoder: dict) -> None:
    """Sets the published first layer, and the last one so that a painting fills the range."""
    encoder["0.weight"] = np.float32([[0, 0, 255], [0, 255, 0], [255, 0, 0]]).reshape(3, 3, 1, 1)
    encoder["0.bias"] = np.float32([-103.939, -116.779, -123.68])
    encoder["2.weight"] /= 100
    decoder["28.weight"] *= 0.3
    decoder["28.bias"][:] = 0.5


class AdainVgg(PackCase):
    architecture = "adain-vgg19"

    @classmethod
    def write_files(cls, folder: Path) -> dict[str, Path]:
        cls.encoder = random_weights(shapes(ENCODER) | {"0.weight": (3, 3, 1, 1), "0.bias": (3,)}, 1)
        cls.decoder = random_weights(shapes(DECODER), 2)
        calibrated(cls.encoder, cls.decoder)
        deeper = {"32.weight": np.zeros((512, 512, 3, 3), np.float32)}  # the published file goes on to relu5_4
        np.savez(folder / "vgg.npz", **cls.encoder, **deeper)
        np.savez(folder / "decoder.npz", **cls.decoder)
        return {"encoder": folder / "vgg.npz", "decoder": folder / "decoder.npz"}

    def encode(self, image: np.ndarray) -> np.ndarray:
        x = conv(planes(image, 1.0), self.encoder["0.weight"], self.encoder["0.bias"])
        for number, layer in ENCODER.items():
            x = max_pool(x) if layer == "pool" else relu(conv(x, self.encoder[f"{number}.weight"], self.encoder[f"{number}.bias"]))
        return x

    def decode(self, x: np.ndarray) -> np.ndarray:
        for number, layer in DECODER.items():
            if layer == "up":
                x = nearest(x)
            else:
                x = conv(x, self.decoder[f"{number}.weight"], self.decoder[f"{number}.bias"])
                x = x if number == 28 else relu(x)
        return pixels(x, 1.0)

    def test_painting_is_the_published_computation(self) -> None:
        photo, painting = picture(1, 40, 64), picture(2, 48, 32)
        content, style = self.encode(photo), self.encode(painting)
        code = self.pack.code(painting)
        for alpha in (1.0, 0.6, 0.0):
            expected = self.decode(alpha * adain(content, style) + (1 - alpha) * content)
            field = np.full((1, 1, 5, 8), alpha, np.float32)
            painted = self.pack.run("paint", image=photo[None], code=code, alpha=field)[0][0]
            self.assert_same_pixels(painted, expected)

    def test_encode_and_decode_are_paint_with_the_statistics_that_the_engine_gathers(self) -> None:
        photo, code = picture(3, 48, 64), self.pack.code(picture(4, 64, 64))
        alpha = np.random.default_rng(5).uniform(0, 1, (1, 1, 6, 8)).astype(np.float32)
        whole = self.pack.run("paint", image=photo[None], code=code, alpha=alpha)[0][0]
        (features,) = self.pack.run("encode", image=photo[None])
        mean, variance = features.mean((2, 3)), features.var((2, 3))  # biased, as the engine has it
        content = np.concatenate([mean, np.sqrt(variance + 1e-5)], 1)
        apart = self.pack.run("decode", features_0=features, content=content, code=code, alpha=alpha)[0][0]
        self.assert_same_pixels(apart, whole)
