"""Run with `python -m unittest` in `models/training`."""

import velatura_training  # noqa: F401 - makes the shared package beside this one known
