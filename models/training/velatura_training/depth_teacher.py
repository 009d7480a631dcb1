"""Tiefenrausch, the teacher of the depth network, and where it is asked what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from PIL import Image

TEACHER_LONG_SIDE = 384
TEACHER_MULTIPLE = 32


@dataclass(frozen=True)
class Place:
    """Where the teacher is asked what it sees."""

    tensor: str  # in its graph
    channels: int
    stride: int
    range: float  # largest magnitude

    @property
    def step(self) -> float:
        """Of features as they are stored, i8: as fine as the teacher, an 8-bit network, itself knew them."""
        return self.range / 127

    def stored(self, features: np.ndarray) -> np.ndarray:
        """In steps, i8."""
        return np.rint(features / self.step).clip(-127, 127).astype(np.int8)


# Down the encoder and up the decoder, each before the halving or doubling that follows; at 1/32 after each block, since what the whole
# picture is about is seen there, and all that comes later follows from it.
SEEN = {
    "down4": Place("289_int8", 56, 4, 7.02),
    "down8": Place("311_int8", 80, 8, 7.40),
    "down16": Place("333_int8", 64, 16, 7.79),
    "down32": Place("339_int8", 96, 32, 3.59),
    "deep1": Place("347_int8", 96, 32, 4.87),
    "deep2": Place("355_int8", 96, 32, 6.10),
    "deep3": Place("363_int8", 96, 32, 7.42),
    "deep4": Place("371_int8", 96, 32, 8.93),
    "deep5": Place("379_int8", 96, 32, 10.74),
    "beside1": Place("385_int8", 96, 16, 3.57),
    "beside2": Place("393_int8", 96, 16, 5.02),
    "beside3": Place("401_int8", 96, 16, 7.01),
    "rise1": Place("499_int8", 96, 16, 4.06),
    "rise2": Place("507_int8", 96, 16, 6.30),
    "rise3": Place("515_int8", 96, 16, 8.60),
    "up16": Place("517_int8", 96, 16, 11.74),
    "up8": Place("543_int8", 96, 8, 12.56),
    "up4": Place("569_int8", 56, 4, 16.24),
}


def open_teacher(path: Path, seen: bool = False) -> ort.InferenceSession:
    """The teacher on one thread: RGB / 255, f32 [1, 3, H, W] to log disparity [1, 1, H, W] and, if asked, what it sees at `SEEN`."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnx.load(path)
    if seen:
        model.graph.output.extend(onnx.ValueInfoProto(name=place.tensor) for place in SEEN.values())
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def ask_teacher(session: ort.InferenceSession, pixels: np.ndarray) -> list[np.ndarray]:
    """All outputs for a picture u8 [H, W, 3] whose sides are multiples of 32."""
    return session.run(None, {session.get_inputs()[0].name: pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255})


def teacher_depth(session: ort.InferenceSession, picture: Image.Image) -> np.ndarray:
    """Log disparity f32 [h, w] of a picture whose sides are multiples of 32; larger = nearer."""
    return ask_teacher(session, np.asarray(picture))[0].squeeze()
