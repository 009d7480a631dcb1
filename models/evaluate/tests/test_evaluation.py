"""The whole evaluation through the real program, on one scene in one style."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from PIL import Image
from velatura_evaluate.__main__ import runs
from velatura_evaluate.report import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT.parent


def scene(folder: Path, source: str) -> None:
    folder.mkdir()
    with Image.open(MODELS / source) as image:
        image.resize((160, 112)).save(folder / Path(source).name)


class Runs(unittest.TestCase):
    def test_packs_of_one_name_are_told_apart_by_their_version(self) -> None:
        def pack(folder: Path, name: str, version: str) -> Path:
            folder.mkdir(parents=True)
            (folder / "pack.toml").write_text(f'name = "{name}"\nversion = "{version}"\n', encoding="utf-8")
            return folder

        with tempfile.TemporaryDirectory() as holder:
            old, new, other = (pack(Path(holder) / name, name.rstrip("12"), name[-1]) for name in ("light1", "light2", "other1"))
            self.assertEqual([run.name for run in runs([old, other])[::2]], ["light", "other"])
            self.assertEqual([run.name for run in runs([old, new])[::2]], ["light 1", "light 2"])
            with self.assertRaisesRegex(SystemExit, "of one name and version"):
                runs([old, old])


class Evaluation(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        scene(cls.folder / "photos", "scenes/tarn.jpg")
        scene(cls.folder / "styles", "styles/embers.jpg")

    def evaluate(self, *more: str) -> subprocess.CompletedProcess:
        program = os.environ.get("VELATURA")
        self.assertTrue(program, "VELATURA must name the program: run `cargo xtask test`")
        command = [sys.executable, "-m", "velatura_evaluate", "--velatura", program, "--size", "160"]
        command += ["--photos", str(self.folder / "photos"), "--styles", str(self.folder / "styles")]
        command += ["--packs", str(MODELS / "velatura-light"), "--out", str(self.folder / "out"), *more]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    def test_table_figures_and_sheet_are_written(self) -> None:
        done = self.evaluate()
        self.assertEqual(done.returncode, 0, done.stderr)
        table = (self.folder / "out" / "table.md").read_text(encoding="utf-8")
        self.assertIn("Features: the encoder of velatura-light. Depth: velatura-light", table)
        content = json.loads((self.folder / "out" / "table.json").read_text(encoding="utf-8"))
        rows = content["means"]
        self.assertEqual(list(rows), ["the photo itself", "velatura-light", "velatura-light, α = 1"])
        self.assertTrue(all(set(COLUMNS) <= set(row) for row in rows.values()))
        photo, aware, plain = rows.values()
        self.assertAlmostEqual(photo["ssim"], 1)
        self.assertAlmostEqual(photo["depth rank"], 1)
        self.assertEqual((photo["content"], photo["lpips"]), (0, 0))
        for row in (aware, plain):
            self.assertLess(row["style"], photo["style"], "it is nearer to the style than the photo is")
            self.assertTrue(row["seconds"] > 0 and row["peak_mib"] > 20)
        self.assertGreater(aware["ssim near"], plain["ssim near"])
        self.assertGreater(aware["depth-aware"], plain["depth-aware"])
        self.assertIn("tarn, embers", content["pictures"]["velatura-light"])
        with Image.open(self.folder / "out" / "sheet.jpg") as sheet:
            self.assertEqual((sheet.format, sheet.size), ("JPEG", (4 * 264 + 8, 264 + 30)))

    def test_slow_references_say_what_they_need(self) -> None:
        refused = self.evaluate("--slow")
        self.assertNotEqual(refused.returncode, 0)
        self.assertRegex(refused.stderr, "--slow needs (PyTorch|a feature network)")
