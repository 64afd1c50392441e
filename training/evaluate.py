"""Measuring a reader on gold passages: EM, F1, the best threshold, and answerable against unanswerable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from rag.evaluating.metrics import area_under_roc, exact_match, f1
from training.data import Example
from training.decode import Logits, Prediction, merge, predict
from training.features import Batch, Featurizer, by_length, collate
from training.threshold import best_threshold, score_at

#: A batch -> start and end logits, each float32[batch, length].
Scorer = Callable[[Batch], tuple[Logits, Logits]]


def device_of(model: torch.nn.Module) -> torch.device:
    """Where the model's weights lie."""
    return next(model.parameters()).device


def torch_scorer(model: torch.nn.Module, bf16: bool = False) -> Scorer:
    """Scores with a PyTorch model, as it is in memory.

    :param bf16: Matrix products are taken in bf16.
    """
    device = device_of(model)

    def score(batch: Batch) -> tuple[Logits, Logits]:
        with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            out = model(**batch.on(device).inputs)
        return out.start_logits.float().cpu().numpy(), out.end_logits.float().cpu().numpy()

    return score


def onnx_scorer(path: Path, threads: int = 2) -> Scorer:
    """Scores with an ONNX file, every window alone, as the service does: int8 rounds by what is read together."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def score(batch: Batch) -> tuple[Logits, Logits]:
        logits = np.zeros((2, *batch.input_ids.shape), np.float32)
        for row, size in enumerate(batch.attention_mask.sum(dim=1).tolist()):
            alone = {name: tensor[row : row + 1, :size].numpy() for name, tensor in batch.inputs.items()}
            for side, values in enumerate(session.run(["start_logits", "end_logits"], alone)):
                logits[side, row, :size] = values[0]
        return logits[0], logits[1]

    return score


def predictions(
    examples: Sequence[Example], featurizer: Featurizer, scorer: Scorer, batch_size: int = 16
) -> list[Prediction]:
    """The best span of every example, in order, over all windows of its context."""
    found: dict[int, Prediction] = {}
    for features in by_length(featurizer(examples), batch_size):
        starts, ends = scorer(collate(features))
        for feature, start, end in zip(features, starts, ends, strict=True):
            here = predict(feature, examples[feature.example].text, start[: len(feature)], end[: len(feature)])
            before = found.get(feature.example)
            found[feature.example] = here if before is None else merge(before, here)
    return [found[place] for place in range(len(examples))]


def report(
    examples: Sequence[Example], guesses: Sequence[Prediction], threshold: float | None = None
) -> dict[str, float]:
    """Figures of predictions.

    ``em`` and ``f1`` are of the answerable questions, always answered. ``auroc`` compares the margin of answerable and
    unanswerable ones, ``auroc:<kind>`` with those of one kind, and ``auroc_presence`` the log odds of there being any
    answer, of which the margin sees only the best. ``f1_best`` is F1 over all with the threshold that is
    best here, and ``f1_all`` with the given ``threshold`` on the margin.
    """
    golds = [[span.text for span in example.spans] for example in examples]
    gains = [f1(guess.span.text, gold) if gold else 0.0 for guess, gold in zip(guesses, golds, strict=True)]
    exacts = [exact_match(guess.span.text, gold) for guess, gold in zip(guesses, golds, strict=True) if gold]
    margins = [guess.margin for guess in guesses]
    answerable = [place for place, gold in enumerate(golds) if gold]
    positive = [margins[place] for place in answerable]
    negative = [margin for margin, gold in zip(margins, golds, strict=True) if not gold]
    figures = {
        "questions": float(len(examples)),
        "answerable": float(len(answerable)),
        "em": 100 * sum(exacts) / max(1, len(exacts)),
        "f1": 100 * sum(gains[place] for place in answerable) / max(1, len(answerable)),
    }
    if positive and negative:
        figures["auroc"] = _auroc(positive, negative)
        presence = [guess.presence for guess in guesses]
        figures["auroc_presence"] = area_under_roc(presence, [bool(gold) for gold in golds])
        withheld = [0.0 if gold else 1.0 for gold in golds]
        at, best = best_threshold(margins, gains, withheld)
        figures |= {"threshold_best": at, "f1_best": 100 * best}
        for kind in sorted({example.kind for example in examples if not example.spans}):
            of_kind = [m for m, e in zip(margins, examples, strict=True) if e.kind == kind and not e.spans]
            figures[f"auroc:{kind}"] = _auroc(positive, of_kind)
        if threshold is not None:
            figures["f1_all"] = 100 * score_at(threshold, margins, gains, withheld)
    return figures


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    return area_under_roc([*positive, *negative], [True] * len(positive) + [False] * len(negative))


def dev_score(figures: dict[str, float]) -> float:
    """The one number that chooses a checkpoint: the mean of F1 and of 100 x AUROC, both on dev."""
    return (figures["f1"] + 100 * figures.get("auroc", 0.0)) / 2
