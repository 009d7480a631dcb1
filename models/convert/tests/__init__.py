"""Run with `python -m unittest` in `models/convert`; needs numpy, onnx and onnxruntime, no network and no PyTorch."""
