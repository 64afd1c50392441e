"""A compiled transformer: an ONNX graph and its tokenizer, run by onnxruntime without torch."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from index.errors import PullquoteError

FloatArray = npt.NDArray[np.float32]

SLOWER = ["SkipLayerNormFusion"]
"""Rewritings of the graph that are left out: the fused layer norm takes longer than its two parts."""


class ModelError(PullquoteError, RuntimeError):
    """A model can't be found, compiled or trusted."""

    code = "model_unusable"


def available_threads() -> int:
    """The number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_tokenizer(path: Path) -> Tokenizer:
    """Read a ``tokenizer.json`` and switch its own padding and truncation off.

    :raises ModelError: when the file is missing or is no tokenizer.
    """
    if not path.is_file():
        raise ModelError(f"model file missing: {path}. Delete the folder {path.parent} to have it made again.")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        raise ModelError(f"{path} is no tokenizer ({error}). Delete {path.parent} to have it made again.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class OnnxModel:
    """An ONNX graph that takes one token sequence at a time.

    Every sequence is a run of its own, and runs go side by side. On a processor this is faster than a padded batch
    spread over the threads (no padding, no waiting for each other), and what dynamic int8 quantisation makes of a text
    no longer depends on the texts that happen to share its batch. A run takes one thread, unless fewer runs than
    threads are allowed: then the other threads share their matrix products.
    """

    def __init__(
        self, path: Path, threads: int | None = None, side_by_side: int | None = None, inner: str | None = None
    ) -> None:
        """Open the graph at ``path`` for ``threads`` threads (as many as processors when None).

        :param side_by_side: How many runs go at a time at most; one a thread when None.
        :param inner: The name of a value inside of the graph, for :meth:`run_inner`.
        :raises ModelError: when the file is missing or is no ONNX graph.
        """
        threads = threads or available_threads()
        self._side_by_side = min(threads, side_by_side or threads)
        if not path.is_file():
            raise ModelError(
                f"model file missing: {path}. Restore it, or point the setting at a complete model folder."
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1 + threads - self._side_by_side
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # which starves others of a processor
        options.log_severity_level = 3
        beside = "session.model_external_initializers_file_folder_path"  # of weights, where the graph is bytes
        options.add_session_config_entry(beside, str(path.parent))
        try:
            graph = path.read_bytes() + _as_output(inner) if inner else str(path)
            self._session = ort.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
            )
        except Exception as error:
            raise ModelError(f"{path} can't be read as an ONNX model: {str(error).splitlines()[0]}") from error
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._outputs = [node.name for node in self._session.get_outputs() if node.name != inner]
        self._inner = inner
        self._pool = ThreadPoolExecutor(self._side_by_side, thread_name_prefix=f"onnx-{path.parent.name}")

    def run(self, encodings: Sequence[Encoding]) -> list[list[FloatArray]]:
        """The graph's outputs for each encoding, in order, without the batch dimension."""
        if self._side_by_side == 1 or len(encodings) == 1:
            return [self._run_one(encoding, self._outputs) for encoding in encodings]
        longest_first = sorted(range(len(encodings)), key=lambda i: -len(encodings[i].ids))
        futures = {i: self._pool.submit(self._run_one, encodings[i], self._outputs) for i in longest_first}
        return [futures[i].result() for i in range(len(encodings))]

    def run_inner(self, encoding: Encoding) -> FloatArray:
        """The value inside of the graph that :meth:`__init__` names, without the batch dimension."""
        if not self._inner:
            raise ValueError("no inner value was named")
        return self._run_one(encoding, [self._inner])[0]

    def _run_one(self, encoding: Encoding, outputs: list[str]) -> list[FloatArray]:
        columns = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.array([columns[name]], dtype=np.int64) for name in self._inputs}
        return [output[0] for output in self._session.run(outputs, feed)]


def _as_output(name: str) -> bytes:
    """What makes a value of a graph, of a name of 120 bytes at most, an output when it stands behind the graph's file.

    The file is one message of Protocol Buffers, and parts of the same message that stand behind each other are merged.
    The numbers are those of ``ModelProto.graph``, ``GraphProto.output`` and ``ValueInfoProto.name``.
    """
    message = name.encode()
    for number in (1, 12, 7):
        message = bytes([number << 3 | 2, len(message)]) + message
    return message
