"""Run with `python -m unittest` in `models/evaluate`; VELATURA names the program (`cargo xtask test` sets it)."""

import velatura_evaluate  # noqa: F401 - makes the shared package beside this one known
