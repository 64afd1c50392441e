"""Ways of embedding the same passages, in turns: ``python -m benchmarks.embedding``.

The texts are the passages of ``tests/articles``, repeated. Every way has as many threads as ``--threads``.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from index.chunker import chunk
from index.compile_embedder import locate
from index.compiled import ensure
from index.embedder import DEFAULT_EMBEDDER, Embedder
from index.onnx_model import available_threads
from index.sources import SourceFailure, read

CACHE = Path("var/models")
BATCH = 8


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=available_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folder = ensure("index.compile_embedder", DEFAULT_EMBEDDER, CACHE)
    reference = SentenceTransformer(locate(DEFAULT_EMBEDDER), device="cpu")
    embedders = {precision: Embedder(folder, precision, arguments.threads) for precision in ("float32", "int8")}
    ways: dict[str, Callable[[list[str]], object]] = {
        "sentence-transformers, float32": lambda texts: reference.encode(texts, normalize_embeddings=True),
        f"onnxruntime, padded batches of {BATCH}, float32": padded_batches(folder, "float32", arguments.threads),
        f"onnxruntime, padded batches of {BATCH}, int8": padded_batches(folder, "int8", arguments.threads),
        "one text a run, float32": embedders["float32"].embed_passages,
        "one text a run, int8 (the default)": embedders["int8"].embed_passages,
    }
    texts = passages(embedders["int8"], arguments.count)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.rounds + 1):
        for name, run in ways.items():
            begin = time.perf_counter()
            run(texts)
            rates[name].append(len(texts) / (time.perf_counter() - begin))
    tokens = statistics.fmean(embedders["int8"].count_tokens(texts))
    print(f"{len(texts)} passages of {tokens:.0f} tokens on average, {arguments.threads} threads\n")
    print("| way | passages/s, median | least | most | times the first |\n|---|---|---|---|---|")
    base = rates["sentence-transformers, float32"][1:]
    for name, measured in rates.items():
        own = measured[1:]
        ratio = statistics.median(rate / other for rate, other in zip(own, base, strict=True))
        print(f"| {name} | {statistics.median(own):.0f} | {min(own):.0f} | {max(own):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
