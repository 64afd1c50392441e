"""Ways of embedding the same passages, in turns: ``python -m benchmarks.embedding``.

The texts are the passages of ``tests/articles``, repeated. Every way has as many threads as ``--threads``. Beside them,
in the same turns, stands what the processor reaches in matrix products of int8, bfloat16 and float32: the share of
that which a way uses is the work that the model needs for these tokens, a second, over the rate of its own kind.
OpenVINO is measured when it is installed (the extra ``bench``).
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import onnxruntime as ort
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from benchmarks import matrix_rate, plots, report
from benchmarks.turns import Spread, in_turns, ratio
from index.building.chunker import chunk
from index.models import onnx_model
from index.models.compile_embedder import locate
from index.models.compiled import ensure
from index.models.embedder import COMPILER, DEFAULT_EMBEDDER, Embedder
from index.models.onnx_model import available_threads
from index.sources.unread import SourceFailure, read

CACHE = Path("var/models")
BATCH = 8
LAYERS, WIDTH, INNER = 6, 384, 1536
"""Of the default embedding model."""

FIRST = "SentenceTransformer.encode, float32"
OURS = "one text a run, int8 (the default)"


def passages(embedder: Embedder, count: int) -> list[str]:
    """The first ``count`` passages of the test articles, which are repeated as often as needed."""
    articles = [article for article in read(["tests/articles"]) if not isinstance(article, SourceFailure)]
    texts = [
        article.text[passage.start : passage.end]
        for article in articles
        for passage in chunk(article, embedder.count_tokens, 180)
    ]
    return (texts * (count // len(texts) + 1))[:count]


def padded_batches(folder: Path, precision: str, threads: int) -> Callable[[list[str]], None]:
    """The usual way to run an ONNX model: batches of like length, padded, all threads in one run."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(folder / f"{precision}.onnx"), options, providers=["CPUExecutionProvider"])

    def run(texts: list[str]) -> None:
        ordered = sorted(texts, key=len)
        for first in range(0, len(ordered), BATCH):
            encodings = tokenizer.encode_batch(ordered[first : first + BATCH])
            columns = {
                "input_ids": np.array([encoding.ids for encoding in encodings]),
                "attention_mask": np.array([encoding.attention_mask for encoding in encodings]),
                "token_type_ids": np.array([encoding.type_ids for encoding in encodings]),
            }
            session.run(None, columns)

    return run


def all_rewritings(folder: Path, threads: int) -> Callable[[list[str]], object]:
    """The default, but with every rewriting of the graph that onnxruntime knows: also those left out."""
    with patch.object(onnx_model, "SLOWER", []):
        return Embedder(folder, "int8", threads).embed_passages


def openvino(folder: Path, precision: str, threads: int) -> Callable[[list[str]], None]:
    """OpenVINO running the same graph, one text after the other, ``threads`` of them at a time."""
    import openvino as ov

    core = ov.Core()
    options = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": threads}
    compiled = core.compile_model(str(folder / f"{precision}.onnx"), "CPU", options)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    def run(texts: list[str]) -> None:
        queue = ov.AsyncInferQueue(compiled, threads)
        for encoding in tokenizer.encode_batch(texts):
            columns = (encoding.ids, encoding.attention_mask, encoding.type_ids)
            queue.start_async([np.array([column]) for column in columns])
        queue.wait_all()

    return run


def ways_of(folder: Path, threads: int) -> dict[str, Callable[[list[str]], object]]:
    """Every way of embedding texts, by name; the first is what the documentation of sentence-transformers shows."""
    reference = SentenceTransformer(locate(DEFAULT_EMBEDDER), device="cpu")
    short = SentenceTransformer(
        locate(DEFAULT_EMBEDDER), device="cpu", model_kwargs={"dtype": torch.bfloat16, "attn_implementation": "eager"}
    )
    ways: dict[str, Callable[[list[str]], object]] = {
        FIRST: reference.encode,
        "SentenceTransformer.encode, bfloat16": lambda texts: short.encode(texts, convert_to_numpy=False),
    }
    for precision in ("float32", "int8"):
        ways[f"onnxruntime, padded batches of {BATCH}, {precision}"] = padded_batches(folder, precision, threads)
    if find_spec("openvino"):
        for precision in ("float32", "int8"):
            ways[f"OpenVINO, one text a run, {precision}"] = openvino(folder, precision, threads)
    ways["one text a run, layer norms fused, int8"] = all_rewritings(folder, threads)
    ways["one text a run, float32"] = Embedder(folder, "float32", threads).embed_passages
    ways[OURS] = Embedder(folder, "int8", threads).embed_passages
    return ways


def limits(threads: int) -> dict[str, Callable[[], float]]:
    """What measures the processor's rate of each kind of product."""
    return {
        "int8": lambda: matrix_rate.int8(threads),
        "bfloat16": lambda: matrix_rate.floating(torch.bfloat16, threads),
        "float32": lambda: matrix_rate.floating(torch.float32, threads),
    }


def figures_of(measured: dict[str, list[float]], kinds: list[str], work: float) -> dict[str, dict[str, Any]]:
    """For each way its passages a second, how many times the first, and the share of its kind's rate.

    :param work: the operations that the model needs for a passage, on average.
    """
    found = {}
    for name, rates in measured.items():
        if name in kinds:
            continue
        kind = name.replace(" (the default)", "").rsplit(", ", 1)[1]
        share = Spread.of([rate * work / limit for rate, limit in zip(rates, measured[kind], strict=True)])
        found[name] = {"rate": Spread.of(rates), "times": ratio(rates, measured[FIRST]), "share": share}
    return found


def section(figures: dict[str, dict[str, Any]], measured: dict[str, list[float]], kinds: list[str]) -> str:
    """The section of the document."""
    rows: list[list[object]] = [
        [name, own["rate"].median, own["rate"].least, own["rate"].most, own["times"].median, 100 * own["share"].median]
        for name, own in figures.items()
    ]
    head = ["way", "passages/s, median", "least", "most", "times the first", "% of the matrix rate of its kind"]
    reached = [[kind, statistics.median(measured[kind]) / 1e9, min(measured[kind]) / 1e9] for kind in kinds]
    plot = plots.bars(
        "embedding",
        "times SentenceTransformer.encode",
        {name: (own["times"].median, own["times"].least, own["times"].most) for name, own in figures.items()},
        limit=3,
    )
    return "\n\n".join(
        [report.table(head, rows), report.table(["matrix products", "GOP/s, median", "least"], reached), plot]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=available_threads())
    report.add_options(parser)
    arguments = parser.parse_args()
    threads = arguments.threads
    folder = ensure(COMPILER, DEFAULT_EMBEDDER, CACHE)
    counter = Embedder(folder, "int8", threads)
    texts = passages(counter, arguments.count)
    lengths = [count + 2 for count in counter.count_tokens(texts)]

    def passages_a_second(run: Callable[[list[str]], object]) -> float:
        torch.set_num_threads(threads)
        begin = time.perf_counter()
        run(texts)
        return len(texts) / (time.perf_counter() - begin)

    kinds = limits(threads)
    ways = {name: partial(passages_a_second, run) for name, run in ways_of(folder, threads).items()}
    measured = in_turns({**ways, **kinds}, arguments.rounds, told=lambda line: print(line, flush=True))
    work = statistics.fmean(n * matrix_rate.operations_per_token(LAYERS, WIDTH, INNER, n) for n in lengths)
    figures = figures_of(measured, list(kinds), work)
    content = (
        f"{report.processor()}: {len(texts)} passages of {statistics.fmean(lengths):.0f} tokens on average, {threads} "
        f"threads; all ways in turns, {arguments.rounds} rounds after one to warm up.\n\n"
        f"{section(figures, measured, list(kinds))}"
    )
    print(content)
    if arguments.json:
        report.write_json(arguments.json, "embedding", {"measured": measured, "operations a passage": work})
    if arguments.write:
        report.write_section("benchmarks.embedding", content)


if __name__ == "__main__":
    main()
