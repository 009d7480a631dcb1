"""The catalogue is complete, and what is not as published is not converted."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from velatura_convert import johnson
from velatura_convert.catalogue import read_catalogue
from velatura_convert.convert import ARCHITECTURES

from .support import random_weights

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "velatura_convert", *arguments], cwd=ROOT, capture_output=True, text=True)


class Catalogue(unittest.TestCase):
    def test_every_entry_says_where_what_and_under_which_licence(self) -> None:
        catalogue = read_catalogue()
        self.assertEqual({entry.architecture for entry in catalogue.values()}, set(ARCHITECTURES))
        for entry in catalogue.values():
            self.assertEqual({file.role for file in entry.files}, set(ARCHITECTURES[entry.architecture]), entry.name)
            self.assertTrue(entry.licence and entry.page.startswith("https://"), entry.name)
            self.assertRegex(entry.name, r"^[a-z0-9-]+$")
            for file in entry.files:
                self.assertTrue(file.url.startswith("https://"), file.url)
                self.assertRegex(file.sha256, r"^([0-9a-f]{64}|unknown)$")
                self.assertGreater(file.bytes, 0)
            self.assertEqual(entry.architecture == "depth", entry.long_side > 0 and entry.multiple > 0)

    def test_the_command_converts_one_of_your_own(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/w.npz", **random_weights(johnson.shapes(), 1))
            base = ("my-style", "--file", f"network={folder}/w.npz", "--out", f"{folder}/pack")
            unlicensed = run(*base, "--architecture", "johnson")
            self.assertEqual((unlicensed.returncode, unlicensed.stdout), (2, ""))
            self.assertIn("--licence", unlicensed.stderr)
            done = run(*base, "--architecture", "johnson", "--licence", "MIT")
            self.assertEqual(done.returncode, 0, done.stderr)
            text = Path(folder, "pack", "pack.toml").read_text()
            self.assertTrue(re.search(r"network: w.npz, sha256 [0-9a-f]{64}", text) and 'name = "my-style"' in text, text)

    def test_a_file_with_another_checksum_is_refused_before_it_is_read(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "w.onnx").write_text("not what was published")
            refused = run("mosaic", "--file", f"network={folder}/w.onnx", "--out", f"{folder}/pack")
            self.assertEqual(refused.returncode, 2)
            self.assertIn("was published", refused.stderr)
            self.assertFalse(Path(folder, "pack").exists())

    def test_missing_files_and_unknown_names_say_what_to_do(self) -> None:
        for arguments, part in (
            (("mosaic", "--out", "x"), "is made of these files: network"),
            (("mosaic", "--file", "network=nowhere.pth", "--out", "x"), "there is no file nowhere.pth"),
            (("nonesuch", "--out", "x"), "name its --architecture"),
        ):
            refused = run(*arguments)
            self.assertEqual(refused.returncode, 2)
            self.assertIn(part, refused.stderr)
