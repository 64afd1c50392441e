"""Recipes: every number that a run depends on, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

Precision = Literal["auto", "bf16", "float32"]

RECIPES = Path(__file__).with_name("recipes")


@dataclass(frozen=True)
class Mixture:
    """How many examples of which kind are trained on in one pass.

    :param gold: Questions with their own passages, by source.
    :param again: Further questions of a source, drawn a second time with another window.
    :param beside: Questions whose passage stands beside another that the retriever brings, by source.
    :param retrieved: Passages that the retriever brings and that do not answer, by source of the question.
    :param elsewhere: Windows of the question's own article that do not hold its answer, by source.
    :param leaning: Questions as a conversation leaves them, by source (:mod:`training.leaning`).
    :param stated: Questions made into statements, by source (:mod:`training.statements`).
    :param said: Sentences of contexts taken for statements, by source.
    :param checked: Sentences to be checked (:mod:`training.checked_sentences`).
    :param untitled: Share of the examples that are read without their headline.
    :param made: Unanswerable examples by the way they are made.
    :param whole: Share of the contexts that stay whole; the others are cut to windows.
    :param low: Least word pieces of a window.
    :param high: Most word pieces of a window.
    """

    gold: dict[str, int] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    retrieved: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    leaning: dict[str, int] = field(default_factory=dict)
    stated: dict[str, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    checked: int = 0
    made: dict[str, int] = field(default_factory=dict)
    untitled: float = 0.1
    whole: float = 0.4
    low: int = 80
    high: int = 256
    seed: int = 13


@dataclass(frozen=True)
class Training:
    """How the model is fitted.

    :param steps: Optimizer steps in all; the learning rate falls linearly to 0 at the last.
    :param warmup: Share of the steps in which the learning rate rises.
    :param precision: ``auto`` takes bf16 where this machine multiplies it faster, and float32 elsewhere.
    :param null_weight: Weight of examples without an answer in the loss.
    :param teacher_weight: Share of the loss that is the divergence from a teacher, when there is one.
    :param temperature: Softens both distributions in that divergence.
    :param frozen: The embeddings and this many of the lowest layers keep their weights; 0 trains everything.
    :param judged: Layers, counted from 0, each with an attention of its own that learns by what a passage says to a
        sentence (:mod:`training.judging`); large readers only.
    :param compiled: Whether the layers are compiled first, for which a C++ compiler must be there. It takes a minute,
        and on a processor with bf16 a small reader then trained a third faster.
    :param patience: Evaluations without a better score on dev after which the run stops.
    """

    steps: int = 2400
    batch_size: int = 24
    learning_rate: float = 1.5e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    dropout: float = 0.0
    attention_dropout: float = 0.0
    max_length: int = 320
    precision: Precision = "auto"
    null_weight: float = 1.0
    teacher_weight: float = 0.5
    temperature: float = 2.0
    frozen: int = 0
    judged: tuple[int, ...] = ()
    compiled: bool = False
    checkpoint_every: int = 200
    evaluate_every: int = 400
    patience: int = 6
    seed: int = 13


@dataclass(frozen=True)
class Recipe:
    """The two parts of a recipe's file."""

    mixture: Mixture
    training: Training

    @classmethod
    def read(cls, name: str) -> Self:
        """The recipe of a file, or of that name among those that come with the project.

        :raises ValueError: For a setting that does not exist.
        """
        path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            Mixture(**_known(Mixture, table.get("mixture", {}))),
            Training(**_known(Training, table.get("training", {}))),
        )


def _known(cls: type[Mixture | Training], table: dict[str, Any]) -> dict[str, Any]:
    unknown = set(table) - {item.name for item in fields(cls)}
    if unknown:
        raise ValueError(f"unknown settings {sorted(unknown)} in [{cls.__name__.lower()}]")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
