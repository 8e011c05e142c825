"""Pocket TTS as ONNX graphs, from Kyutai's checkpoint."""
