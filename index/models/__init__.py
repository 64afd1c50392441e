"""Models that run in ONNX Runtime: opened, compiled, and the embedder."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""Unless this is set before its import, onnxruntime keeps what is run in the home folder, for its makers to be told."""
