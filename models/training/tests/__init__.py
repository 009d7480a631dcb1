"""Run with `python -m unittest` in `models/training`."""
