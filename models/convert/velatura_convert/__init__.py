"""Builds packs: ONNX graphs with a manifest, from weights that others have published or that we trained."""
