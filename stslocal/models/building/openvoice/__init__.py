"""OpenVoice's voice converter as ONNX graphs, from its checkpoint, without PyTorch."""
