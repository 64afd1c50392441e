"""Fitting the embedder to questions and the passages that answer them, with passages that do not beside them.

Of a batch every question is to be nearest to its own passage among all passages of the batch, the hard negatives of the
others included: the cross entropy over cosines times a scale (van den Oord et al. 2018; Karpukhin et al. 2020). A mean
of the weights with those it started from keeps what the published model knew (Wortsman et al. 2022, WiSE-FT).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from torch.utils.checkpoint import checkpoint as remember_inputs
from transformers import AutoModel

from training import checkpoint
from training.data import Example
from training.mixture import shape
from training.model import DEVICE
from training.negatives import NegativeMiner
from training.recipe import Mixture, Training
from training.train import learning_rate, optimizer_for, settled

#: What cosines are multiplied by before the softmax: 1 / 0.05.
SCALE = 20.0

#: Texts that are read at the same time.
TOGETHER = 32

#: Questions and passages are cut to this many word pieces.
MAX_LENGTH = 256


@dataclass(frozen=True)
class Pair:
    """A question, the passage that answers it as it is embedded, and one that does not, if one was found."""

    question: str
    passage: str
    negative: str = ""


def embedded(example: Example) -> str:
    """What is embedded for an example's passage: its title and its words, as the index does it."""
    return f"{example.headline}\n{example.context}" if example.headline else example.context


def pairs(examples: Sequence[Example], counts: dict[str, int], miner: NegativeMiner, recipe: Mixture) -> list[Pair]:
    """So many answerable questions of each source, each with its passage cut as a chunker would and a negative."""
    rng = random.Random(recipe.seed)
    made: list[Pair] = []
    for source, count in counts.items():
        answerable = [example for example in examples if example.source == source and example.spans]
        for example in rng.sample(answerable, min(count, len(answerable))):
            negatives = miner.mine(example, 1, rng)
            kept = shape(example, recipe, rng)
            made.append(Pair(kept.question, embedded(kept), embedded(negatives[0]) if negatives else ""))
    return made


class Encoder(torch.nn.Module):
    """A BERT encoder whose word pieces' mean, scaled to length 1, is the vector of a text."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_LENGTH)
        self.tokenizer.enable_padding()

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """float32[texts, width]: unit vectors. Texts of like length go together, :data:`TOGETHER` at a time, and are
        read again for their gradient: memory is that of one such part.
        """
        encodings = self.tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda at: sum(encodings[at].attention_mask))
        parts = []
        for first in range(0, len(order), TOGETHER):
            part = [encodings[at] for at in order[first : first + TOGETHER]]
            longest = max(sum(encoding.attention_mask) for encoding in part)
            ids = torch.tensor([encoding.ids[:longest] for encoding in part], device=DEVICE)
            mask = torch.tensor([encoding.attention_mask[:longest] for encoding in part], device=DEVICE)
            parts.append(remember_inputs(self._vectors, ids, mask, use_reentrant=False))
        back = torch.tensor(order, device=DEVICE).argsort()
        vectors: torch.Tensor = torch.cat(parts)[back]
        return vectors

    def _vectors(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        return functional.normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)


def loss_of(encoder: Encoder, batch: Sequence[Pair]) -> torch.Tensor:
    """The mean cross entropy of choosing the own passage of each question among those of the batch."""
    passages = [pair.passage for pair in batch] + [pair.negative for pair in batch if pair.negative]
    cosines = encoder([pair.question for pair in batch]) @ encoder(passages).T
    own = torch.arange(len(batch), device=cosines.device)
    same = torch.tensor([[one.passage == passage for passage in passages] for one in batch], device=cosines.device)
    same[own, own] = False
    return functional.cross_entropy((SCALE * cosines).masked_fill(same, -1e4), own)


def batches(made: Sequence[Pair], size: int, seed: int) -> Iterator[list[Pair]]:
    """Batches without end, every pass in another order."""
    passing = 0
    while True:
        order = list(made)
        random.Random(seed + passing).shuffle(order)
        yield from (order[at : at + size] for at in range(0, len(order) - size + 1, size))
        passing += 1


def fit(encoder: Encoder, made: Sequence[Pair], recipe: Training, folder: Path) -> None:
    """Train for ``recipe.steps``, going on from the newest checkpoint in ``folder`` when there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    optimizer = optimizer_for(encoder, recipe)
    state = checkpoint.load_newest(folder)
    done = 0
    if state is not None:
        encoder.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    bf16 = settled(recipe.precision) == "bf16"
    began, losses = time.monotonic(), []

    def snapshot(step: int) -> dict[str, Any]:
        return {"model": encoder.state_dict(), "optimizer": optimizer.state_dict(), "step": step}

    for step, batch in enumerate(batches(made, recipe.batch_size, recipe.seed)):
        if step < done:
            continue
        if step >= recipe.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, recipe)
        with torch.autocast(DEVICE.type, dtype=torch.bfloat16, enabled=bf16):
            loss = loss_of(encoder, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
        if (step + 1) % 20 == 0:
            rate = 20 * recipe.batch_size / (time.monotonic() - began)
            entry = {"step": step + 1, "loss": round(sum(losses) / len(losses), 4), "rate": round(rate, 1)}
            with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
            began, losses = time.monotonic(), []
        if (step + 1) % recipe.checkpoint_every == 0:
            checkpoint.save_newest(folder, snapshot(step + 1))
    checkpoint.save_newest(folder, snapshot(recipe.steps))


def blended(base: Path, trained: dict[str, torch.Tensor], share: float, out: Path) -> None:
    """Write a model folder with ``share`` of the trained weights and the rest of the published ones.

    :param base: The published folder; all but the weights is taken as it is.
    :param trained: The state of an :class:`Encoder`.
    :param share: 0 to 1.
    """
    from shutil import copytree

    from safetensors.torch import load_file, save_file

    copytree(base, out, dirs_exist_ok=True)
    weights = load_file(base / "model.safetensors")
    mixed = {
        name: (share * trained[f"model.{name}"].cpu() + (1 - share) * tensor).contiguous()
        if f"model.{name}" in trained and tensor.is_floating_point()
        else tensor
        for name, tensor in weights.items()
    }
    save_file(mixed, out / "model.safetensors", metadata={"format": "pt"})
