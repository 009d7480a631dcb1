"""The house styles, painted by program: `python -m make` from models/styles."""
