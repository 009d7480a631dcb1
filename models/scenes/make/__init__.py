"""The house scenes, rendered by program: `python -m make` from models/scenes."""
