"""Weights come out of every format as they went in, and nothing else of a file is run.

`fixtures/*.pth` were written by torch.save of PyTorch 2.15, `legacy.pth` in the format before 1.6 and nested as checkpoints are.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import tempfile
import unittest
from pathlib import Path

import numpy as np
from velatura_convert.torch_file import Unreadable
from velatura_convert.weights import read_weights

from .bundle_writer import write_bundle

FIXTURES = Path(__file__).parent / "fixtures"
BASE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
EXPECTED = {
    "plain": BASE, "turned": BASE.transpose(2, 0, 1), "part": BASE[1, 1:, ::2], "half": np.float16([1.5, -2]),
    "brain": np.float32([1, -3.140625]), "parameter": np.ones(2, np.float32), "count": np.array(7),
}  # fmt: skip


class Weights(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def assert_expected(self, found: dict[str, np.ndarray]) -> None:
        self.assertEqual(set(found), set(EXPECTED))
        for name, value in EXPECTED.items():
            np.testing.assert_array_equal(found[name], value, name)

    def write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def test_files_of_torch_new_and_old(self) -> None:
        self.assert_expected(read_weights(FIXTURES / "zip.pth"))
        self.assert_expected(read_weights(FIXTURES / "legacy.pth"))

    def test_npz_safetensors_and_tensorflow(self) -> None:
        np.savez(self.folder / "w.npz", plain=BASE)
        header = json.dumps({"__metadata__": {}, "plain": {"dtype": "F32", "shape": [2, 3, 4], "data_offsets": [0, 96]}}).encode()
        safe = self.write("w.safetensors", struct.pack("<Q", len(header)) + header + BASE.tobytes())
        many = {f"layer{i}/weights": BASE + i for i in range(120)} | {"plain": BASE}
        archive = write_bundle(self.folder, many, per_block=7)
        for path in (self.folder / "w.npz", safe, archive, self.folder / "model.ckpt.index"):
            found = read_weights(path)
            np.testing.assert_array_equal(found["plain"], BASE, path.name)
        self.assertEqual(set(found), set(many))
        np.testing.assert_array_equal(found["layer119/weights"], BASE + 119)

    def test_a_pickle_that_is_a_program_is_not_run(self) -> None:
        proof = self.folder / "proof"

        class Program:
            def __reduce__(self) -> tuple:
                return os.mkdir, (str(proof),)

        path = self.write("evil.pth", pickle.dumps(Program(), 2))
        with self.assertRaisesRegex(Unreadable, "evil.pth: it holds .*mkdir.* nothing of it was run"):
            read_weights(path)
        self.assertFalse(proof.exists())

    def test_what_is_cut_or_no_checkpoint_is_one_sentence(self) -> None:
        for name in ("zip.pth", "legacy.pth"):
            whole = (FIXTURES / name).read_bytes()
            for part in (0, 10, len(whole) // 2, len(whole) - 3):
                with self.assertRaises(Unreadable):
                    read_weights(self.write("cut.pth", whole[:part]))
        for name in ("w.safetensors", "w.tar.gz", "w.index", "w.pth"):
            with self.assertRaisesRegex(Unreadable, name):
                read_weights(self.write(name, b"<!doctype html><title>Not found</title>" * 9))

    def test_a_storage_that_claims_more_than_the_file_has_is_refused(self) -> None:
        whole = (FIXTURES / "legacy.pth").read_bytes()
        self.assertIn(b"K\x18", whole)  # 24 numbers
        with self.assertRaises(Unreadable):
            read_weights(self.write("large.pth", whole.replace(b"K\x18", b"K\x7f")))
