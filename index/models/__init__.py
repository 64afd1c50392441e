"""Models that run in ONNX Runtime: opened, compiled, and the embedder."""
