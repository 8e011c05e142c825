"""Kokoro's ONNX graph, taken apart and made faster."""
