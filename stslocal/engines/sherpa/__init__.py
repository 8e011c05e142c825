"""sherpa-onnx: finds who speaks when, also where two persons speak at once."""
