"""Fitting the reader: resumable at any step, stopped early on dev, logged as JSON lines."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from transformers import PreTrainedModel

from training import checkpoint
from training.data import NO_STATEMENT, Example
from training.evaluate import dev_score, device_of, predictions, report, torch_scorer
from training.features import Batch, Feature, Featurizer, collate
from training.judging import SMOOTHING
from training.mpnet import MPNetReader
from training.order import Order
from training.recipe import Precision, Training
from training.teacher import TeacherCache, divergence

#: Times of the learning rate for the attentions that judge, which begin new.
_JUDGING_FASTER = 15


@dataclass(frozen=True)
class Outcome:
    """How a call of :func:`train` ended: ``finished``, ``stopped`` by a signal, or ``early`` for lack of progress."""

    reason: str
    step: int
    best_score: float


def learning_rate(step: int, recipe: Training) -> float:
    """Rises linearly over the warm-up and falls linearly to 0 at the last step."""
    warm = max(1, round(recipe.warmup * recipe.steps))
    if step < warm:
        return recipe.learning_rate * (step + 1) / warm
    return recipe.learning_rate * max(0.0, (recipe.steps - step) / max(1, recipe.steps - warm))


def settled(precision: Precision) -> Precision:
    """``auto`` is the faster of bf16 and float32 on this machine: not every processor that has bf16 gains by it."""
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        return "bf16"
    seconds = {kind: _seconds_of_product(kind) for kind in (torch.float32, torch.bfloat16)}
    return "bf16" if seconds[torch.bfloat16] < seconds[torch.float32] else "float32"


def _seconds_of_product(kind: torch.dtype) -> float:
    """The least time of a product of about the size of a training step's."""
    rows, matrix = torch.ones((4096, 384), dtype=kind), torch.ones((384, 1536), dtype=kind)
    times = []
    for _ in range(8):
        began = time.perf_counter()
        rows @ matrix
        times.append(time.perf_counter() - began)
    return min(times)


def freeze(model: torch.nn.Module, layers: int) -> None:
    """Let the embeddings and the lowest ``layers`` keep their weights: no gradient is computed below them; 0: none."""
    for name, weight in model.named_parameters():
        layer = re.search(r"encoder\.layer\.(\d+)\.", name)
        if layers and (int(layer[1]) < layers if layer else "embeddings" in name or "relative_attention" in name):
            weight.requires_grad_(False)


def compile_layers(model: torch.nn.Module) -> None:
    """Have each layer of the encoder compiled when it is first run, for windows of any length; its weights stay."""
    for name, module in model.named_modules():
        if re.search(r"encoder\.layer\.\d+$", name):
            module.compile(dynamic=True)


def optimizer_for(model: torch.nn.Module, recipe: Training) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019) that does not decay biases and layer norms; what judges learns faster."""
    every = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    named = [(name, weight) for name, weight in every if not name.startswith("judges.")]
    judging = [weight for name, weight in every if name.startswith("judges.")]
    plain = [weight for name, weight in named if weight.ndim < 2]
    matrices = [weight for name, weight in named if weight.ndim >= 2]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    if judging:
        groups.append({"params": judging, "weight_decay": recipe.weight_decay, "faster": _JUDGING_FASTER})
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=True)


def loss_of(
    model: torch.nn.Module, batch: Batch, recipe: Training, teacher: TeacherCache | None = None
) -> torch.Tensor:
    """The mean over the batch of the start's and the end's cross entropy, mixed with the teacher's divergence.

    What is judged of sentences adds its cross entropy, once a layer. ``recipe.precision`` is ``bf16`` or ``float32``.
    An example without an answer has its start and end at ``[CLS]`` (Devlin et al. 2019, section 4.3).
    """
    device = device_of(model)
    batch = batch.on(device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=recipe.precision == "bf16"):
        out = model(**batch.inputs)
    sides = []
    softs = teacher.batch(batch.places, batch.input_ids.shape[1]) if teacher else (None, None)
    for logits, gold, soft in zip((out.start_logits, out.end_logits), (batch.starts, batch.ends), softs, strict=True):
        scores = logits.float().masked_fill(batch.attention_mask == 0, -1e4)
        loss = functional.cross_entropy(scores, gold, reduction="none")
        if soft is not None:
            distance = divergence(scores, soft.to(device), batch.attention_mask, recipe.temperature)
            loss = (1 - recipe.teacher_weight) * loss + recipe.teacher_weight * distance
        sides.append(loss)
    weights = torch.where(batch.starts == 0, recipe.null_weight, 1.0)
    loss = ((sides[0] + sides[1]) / 2 * weights).sum() / weights.sum()
    for judged in getattr(out, "judged", ()):
        wrong = functional.cross_entropy(
            judged.float(), batch.statuses, ignore_index=NO_STATEMENT, label_smoothing=SMOOTHING, reduction="sum"
        )
        loss = loss + wrong / len(batch.statuses)
    return loss


class _Stop:
    """Remembers SIGTERM and SIGINT, so that a run ends between two steps."""

    def __init__(self) -> None:
        self.asked = False
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True

    def restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def train(
    model: torch.nn.Module,
    passes: Sequence[Sequence[Feature]],
    featurizer: Featurizer,
    dev: Sequence[Example],
    folder: Path,
    recipe: Training,
    teacher: TeacherCache | None = None,
    stop_at: int | None = None,
) -> Outcome:
    """Fit until ``recipe.steps``, going on from the newest checkpoint in ``folder`` when there is one.

    Attention is by the fused kernel in float32 and by plain products in bf16, which is the faster of the two
    (``python -m benchmarks.training_step``).

    :param passes: The features of one mixture after another, one window an example; after the last comes the first.
    :param folder: Receives ``newest.pt``, ``before.pt``, ``best.pt`` and ``log.jsonl``.
    :param stop_at: Write a checkpoint and return at this step, as a signal would make it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    freeze(model, recipe.frozen)
    if recipe.judged and isinstance(model, MPNetReader):
        model.judge_by(recipe.judged)
    optimizer = optimizer_for(model, recipe)
    step, best, worse = 0, -1.0, 0
    state = checkpoint.load_newest(folder)
    if state is not None:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, best, worse = state["step"], state["best"], state["worse"]
        recipe = replace(recipe, precision=state["recipe"]["precision"])
    recipe = replace(recipe, precision=settled(recipe.precision))
    if isinstance(model, PreTrainedModel):
        model.set_attn_implementation("eager" if recipe.precision == "bf16" else "sdpa")
    if recipe.compiled:
        compile_layers(model)
    features = [feature for part in passes for feature in part]
    order = Order([[len(feature) for feature in part] for part in passes], recipe.batch_size, recipe.seed)

    def snapshot() -> dict[str, Any]:
        return {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": step,
            "best": best,
            "worse": worse,
            "recipe": asdict(recipe),
        }

    def log(entry: dict[str, Any]) -> None:
        with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **entry}) + "\n")

    stop = _Stop()
    reason = "finished"
    model.train()
    began, seen, losses = time.monotonic(), 0, []
    log({"event": "start", "step": step, "steps": recipe.steps, "features": len(features), "recipe": asdict(recipe)})
    try:
        while step < recipe.steps:
            if stop.asked or step == stop_at:
                reason = "stopped"
                break
            rows = order(step)
            batch = replace(collate([features[row] for row in rows]), places=tuple(rows))
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, recipe) * group.get("faster", 1)
            loss = loss_of(model, batch, recipe, teacher)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            seen += len(rows)
            losses.append(float(loss.detach()))
            if step % 20 == 0:
                rate = seen / (time.monotonic() - began)
                mean = sum(losses) / len(losses)
                log({"step": step, "loss": round(mean, 4), "lr": learning_rate(step, recipe), "rate": round(rate, 2)})
                began, seen, losses = time.monotonic(), 0, []
            if dev and (step % recipe.evaluate_every == 0 or step == recipe.steps):
                figures = evaluate(model, dev, featurizer)
                score = dev_score(figures)
                log(
                    {
                        "step": step,
                        "dev": {name: round(value, 4) for name, value in figures.items()},
                        "score": round(score, 3),
                    }
                )
                worse = 0 if score > best else worse + 1
                if score > best:
                    best = score
                    checkpoint.save(folder / checkpoint.BEST, snapshot())
                began, seen, losses = time.monotonic(), 0, []
                if worse >= recipe.patience:
                    reason = "early"
                    break
            if step % recipe.checkpoint_every == 0:
                checkpoint.save_newest(folder, snapshot())
    finally:
        stop.restore()
    checkpoint.save_newest(folder, snapshot())
    log({"event": reason, "step": step, "best": round(best, 3)})
    return Outcome(reason, step, best)


def evaluate(model: torch.nn.Module, dev: Sequence[Example], featurizer: Featurizer) -> dict[str, float]:
    """Figures on dev; the model is left in training mode."""
    model.train(False)
    figures = report(dev, predictions(dev, featurizer, torch_scorer(model)))
    model.train()
    return figures
