"""Train what judges whether a passage bears a statement out.

``python -m training.entailment DATA_FOLDER RUN_FOLDER [CHECKPOINT]``

Each of the project's own sentences (:mod:`training.checked_sentences`), and some of the articles' own, as they stand or
with one thing changed, are read by the large reader with the passage that decides, or with the nearest one where none
does; some with the nearest of those that don't decide, too. What its layer makes of the tokens is kept in RUN_FOLDER,
so that a run that was stopped goes on where it was. On that a narrow attention is trained
(:mod:`rag.checking.entailment`), the matrices of which are written as small integers. What is printed is found on the
articles that are held out.

A large reader that was trained with such an attention (``judged`` in its recipe) has it in its checkpoint. That one is
then taken, and fitted to what the reader that ships makes of the tokens, as int8, of a quarter of the articles.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from index.building.builder import index_articles
from index.models.embedder import SHIPPED as EMBEDDER
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.checking.checker import STATUSES
from rag.checking.entailment import ENTAILMENT, SCALE, Entailment
from rag.evaluating.metrics import area_under_roc
from rag.question import NO_FILTERS
from rag.reading.reader import INNER_LAYER, LARGE, Reader, States
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import RetrievedPassage, Retriever
from training.checked_sentences import Sentence, copies, drawn, searched, sentences
from training.judging import SMOOTHING, Attention

_NEITHER = STATUSES.index("not_found")
_ALSO_BESIDE = 0.3
"""Share of the sentences that are also read with a passage that does not decide."""

_EPOCHS = 8
_BATCH = 32
_RATE, _DECAY = 1e-3, 0.02
_WARMUP = 60

_FURTHER_EPOCHS, _FURTHER_RATE = 2, 2e-4
"""How one that comes with a checkpoint is fitted further."""

_FOURTH = 64
"""Articles of 256, beside those held out, that are read for it."""

_MOST = 8
"""The largest integer of a matrix that is written: with so few of them the file packs well."""


class Pair(NamedTuple):
    """A statement with a passage, as the reader sees both, and the number of its status in :data:`STATUSES`.

    ``values`` is float16[tokens, size]; ``parts`` as in :class:`rag.reading.reader.States`.
    """

    values: npt.NDArray[np.float16]
    parts: npt.NDArray[np.int64]
    status: int
    is_held: bool


def pairs(data: Path, run: Path, threads: int, is_part: bool = False) -> list[Pair]:
    """All pairs, or those of a part of the articles; those that stand in ``run`` are not read again."""
    every = sorted([*sentences(data), *copies(data)], key=lambda it: (it.article, it.text))
    chunks = [list(some) for _, some in groupby(every, key=lambda it: it.article)]
    if is_part:
        chunks = [some for some in chunks if some[0].is_held or drawn(some[0].article) >= 256 - _FOURTH]
    run.mkdir(parents=True, exist_ok=True)
    large = Reader.shipped(threads, LARGE, 1)
    files = [_file(run, chunk, large.sha256) for chunk in chunks]
    missing = [(chunk, file) for chunk, file in zip(chunks, files, strict=True) if not file.is_file()]
    if missing:
        embedder = Embedder(EMBEDDER, threads=threads)
        with tempfile.TemporaryDirectory() as folder:
            versions = Versions(Path(folder))
            index_articles(searched(data), versions, embedder)
            with versions.open() as snapshot:
                retriever = Retriever(snapshot, embedder)
                for number, (chunk, file) in enumerate(missing, 1):
                    began = time.monotonic()
                    _write(file, list(_read(chunk, retriever, large)))
                    print(f"article {number} of {len(missing)}, {time.monotonic() - began:.0f} s", flush=True)
    return [pair for file in files for pair in _kept(file)]


def _read(some: Sequence[Sentence], retriever: Retriever, large: Reader) -> Iterator[Pair]:
    for sentence in some:
        chosen = random.Random(sentence.text)
        found = retriever.find(retriever.begin(sentence.text, NO_FILTERS), DEPTH.most).passages
        decides = [it for it in found if _decides(sentence, it)]
        beside = [it for it in found if it not in decides]
        taken = [(it, STATUSES.index(sentence.status)) for it in decides[:1]]
        if beside and (sentence.status == "not_found" or chosen.random() < _ALSO_BESIDE):
            taken.append((beside[0], _NEITHER))
        for passage, status in taken:
            states = large.states(sentence.text, passage.reading.text, passage.article.title)
            assert states is not None
            yield Pair(states.values.astype(np.float16), states.parts, status, sentence.is_held)


def _decides(sentence: Sentence, found: RetrievedPassage) -> bool:
    """Whether the words that decide are in a passage or, the title being read with each, in that of its article."""
    return bool(
        (sentence.evidence and sentence.evidence in found.text)
        or (sentence.headline and sentence.headline in found.article.title)
    )


def _file(run: Path, some: Sequence[Sentence], reader: str) -> Path:
    """Where the pairs of sentences are kept: of these sentences and this layer of the reader of this hash."""
    identity = f"{reader} {INNER_LAYER} {some!r}"
    return run / f"pairs-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.npz"


def _write(path: Path, some: Sequence[Pair]) -> None:
    held, status = [pair.is_held for pair in some], [pair.status for pair in some]
    values, parts = np.concatenate([pair.values for pair in some]), np.concatenate([pair.parts for pair in some])
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, values=values, parts=parts, ends=np.cumsum([len(it.parts) for it in some]), held=held, at=status)
    os.replace(part, path)


def _kept(path: Path) -> Iterator[Pair]:
    with np.load(path) as kept:
        ends, values, parts = kept["ends"], kept["values"], kept["parts"]
        for start, end, status, held in zip([0, *ends[:-1]], ends, kept["at"], kept["held"], strict=True):
            yield Pair(values[start:end], parts[start:end], int(status), bool(held))


def batch(some: Sequence[Pair], scale: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Values, parts, and which are tokens, filled up to the longest."""
    longest = max(len(pair.parts) for pair in some)
    values = torch.zeros(len(some), longest, some[0].values.shape[1])
    parts, is_token = torch.full((len(some), longest), 2), torch.zeros(len(some), longest, dtype=torch.bool)
    for row, pair in enumerate(some):
        end = len(pair.parts)
        values[row, :end] = torch.from_numpy(pair.values).float() * scale
        parts[row, :end], is_token[row, :end] = torch.from_numpy(pair.parts), True
    return values, parts, is_token


def train(known: Sequence[Pair], start: Attention | None = None, seed: int = 0) -> tuple[Attention, float]:
    """The attention, and what the values are multiplied by before it.

    :param start: One to go on from, which takes the values as they are.
    """
    torch.manual_seed(seed)
    chosen = random.Random(seed)
    scale = 1.0 if start else 1 / float(known[0].values.astype(np.float32).std())
    model = start or Attention(known[0].values.shape[1])
    rate, epochs = (_FURTHER_RATE, _FURTHER_EPOCHS) if start else (_RATE, _EPOCHS)
    optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=_DECAY)
    steps = epochs * -(-len(known) // _BATCH)
    done = 0
    for epoch in range(epochs):
        model.train()
        losses = []
        for some in _batches(known, chosen):
            done += 1
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, done / _WARMUP) * (1 - (done - 1) / steps)
            statuses = torch.tensor([pair.status for pair in some])
            loss = functional.cross_entropy(model(*batch(some, scale)), statuses, label_smoothing=SMOOTHING)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return model, scale


def trained_with(checkpoint: Path, layer: int) -> Attention:
    """The attention that a large reader was trained with, over one of its layers.

    :raises SystemExit: When there is none in the checkpoint.
    """
    root = f"judges.{layer}."
    weights = torch.load(checkpoint, weights_only=False)["model"]
    parts = {name.removeprefix(root): part for name, part in weights.items() if name.startswith(root)}
    if not parts:
        raise SystemExit(f"{checkpoint} has no attention over layer {layer}: train with it among 'judged'")
    model = Attention(parts["enter.weight"].shape[1])
    model.load_state_dict(parts)
    return model


def _batches(known: Sequence[Pair], chosen: random.Random) -> list[list[Pair]]:
    """Pairs of about one length each, in another order every time."""
    order = list(known)
    chosen.shuffle(order)
    stretch = 20 * _BATCH
    order = [
        pair
        for at in range(0, len(order), stretch)
        for pair in sorted(order[at : at + stretch], key=lambda pair: len(pair.parts))
    ]
    found = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
    chosen.shuffle(found)
    return found


def parts_of(model: Attention, scale: float) -> dict[str, npt.NDArray[np.floating | np.integer]]:
    """What is written: matrices as integers with a scale a row, all else in half precision."""
    found: dict[str, npt.NDArray[np.floating | np.integer]] = {}
    for name, tensor in model.state_dict().items():
        part = tensor.numpy() * (scale if name == "enter.weight" else 1)
        if part.ndim == 2 and len(part) > len(STATUSES):
            scales = np.abs(part).max(axis=1) / _MOST
            found[name] = np.round(part / scales[:, None]).astype(np.int8)
            found[name + SCALE] = scales.astype(np.float16)
        else:
            found[name] = part.astype(np.float16)
    return found


def report(name: str, model: Entailment, known: Sequence[Pair]) -> None:
    """Print how well pairs are known that bear out or contradict, and which of the two they do."""
    judged = [model.judge(States(pair.values.astype(np.float32), pair.parts)) for pair in known]
    covered = area_under_roc([it.covered for it in judged], [pair.status != _NEITHER for pair in known])
    either = [
        (it.borne_out, pair.status == 0) for it, pair in zip(judged, known, strict=True) if pair.status != _NEITHER
    ]
    borne_out = area_under_roc([odds for odds, _ in either], [is_right for _, is_right in either])
    print(f"{name}: {len(known)} pairs; AUROC of covered {covered:.3f}, of borne out among these {borne_out:.3f}")


def main() -> None:
    """Read, train, report, and write."""
    data, run, *checkpoint = map(Path, sys.argv[1:])
    threads = torch.get_num_threads()
    start = trained_with(checkpoint[0], INNER_LAYER) if checkpoint else None
    known = pairs(data, run, threads, is_part=start is not None)
    model, scale = train([pair for pair in known if not pair.is_held], start)
    parts = parts_of(model, scale)
    report("held out", Entailment(parts), [pair for pair in known if pair.is_held])
    np.savez(ENTAILMENT, allow_pickle=False, **parts)
    print(f"{ENTAILMENT}: {ENTAILMENT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
