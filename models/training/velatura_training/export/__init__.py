"""ONNX graphs and the manifest of a pack, from trained weights."""
