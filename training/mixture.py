"""The examples of one pass: gold ones, passages that a retriever brings, and unanswerable questions that were made."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from training.data import CHECKED, Example, TextSpan
from training.leaning import leaning
from training.negatives import NegativeMiner, holds, words
from training.recipe import Mixture
from training.statements import Statements
from training.unanswerable import UnanswerableMaker
from training.windows import cut, pieces, sentences

#: Where a question is swapped: the texts whose questions and articles are rich enough in names.
MADE_FROM = ("squad-v1.1-train",)

#: How many of the sentences to be checked also get a window of their article that does not decide.
_ALSO_BESIDE = 0.2


def mix(
    examples: Sequence[Example], miner: NegativeMiner, maker: UnanswerableMaker | None, recipe: Mixture
) -> Iterator[Example]:
    """The examples of one pass, in no useful order; the same for the same arguments.

    Contexts without an answer are cut around a place chosen as an answer's would be, so that length tells nothing.
    """
    rng = random.Random(recipe.seed)
    checked = [example for example in examples if example.source == CHECKED]
    examples = [example for example in examples if example.source != CHECKED]
    sources: dict[str, list[Example]] = defaultdict(list)
    answerable: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        sources[example.source].append(example)
        if example.answers:
            answerable[example.source].append(example)
    for share, mark in ((recipe.gold, ""), (recipe.again, "#2")):
        for source, count in share.items():
            for example in _sample(sources[source], count, rng):
                yield shape(replace(example, id=f"{example.id}{mark}"), recipe, rng)
    for source, count in recipe.beside.items():
        for example in _sample(answerable[source], count, rng):
            yield joined(example, miner.mine(example, 1, rng), recipe, rng)
    for source, count in recipe.retrieved.items():
        for example in _sample(answerable[source], count, rng):
            for negative in miner.mine(example, 1, rng):
                yield shape(negative, recipe, rng)
    for source, count in recipe.elsewhere.items():
        for example in _sample(answerable[source], count, rng):
            yield from elsewhere(example, recipe, rng)
    if recipe.leaning:
        asked: dict[str, list[str]] = defaultdict(list)
        for example in examples:
            asked[example.title].append(example.question)
        for source, count in recipe.leaning.items():
            for example in _sample(sources[source], count, rng):
                made = leaning(example, asked[example.title], rng)
                if made is not None:
                    yield shape(made, recipe, rng)
    for example in _sample(checked, recipe.checked, rng):
        yield from _checked(example, recipe, rng)
    if recipe.stated or recipe.said:
        yield from _statements(examples, recipe, rng)
    pool = [example for source in MADE_FROM for example in answerable[source]]
    for way, count in recipe.made.items() if maker else ():
        assert maker
        yield from _make(pool, way, count, maker, recipe, rng)


def _statements(examples: Sequence[Example], recipe: Mixture, rng: random.Random) -> Iterator[Example]:
    """Statements, and every eighth that is borne out once more with a window of its article that doesn't."""
    statements = Statements(examples)
    for shares, make in ((recipe.stated, statements.of_question), (recipe.said, statements.of_sentence)):
        for source, count in shares.items():
            for example in _sample([each for each in examples if each.source == source], count, rng):
                for made, about in make(example, rng):
                    yield shape(made, recipe, rng, about)
                    if made.answers and rng.random() < 1 / 8:
                        yield from elsewhere(made, recipe, rng)


def _checked(example: Example, recipe: Mixture, rng: random.Random) -> Iterator[Example]:
    """A sentence with words of its article that decide, or else with those most like it; some also with others.

    Only where the words bear it out are they an answer.
    """
    place = example.answer() if example.spans else _nearest(example)
    made = example if example.kind == "supported" else example.unanswered()
    yield shape(made, recipe, rng, place)
    if example.answers and rng.random() < _ALSO_BESIDE:
        for other in elsewhere(example, recipe, rng):
            yield replace(other, kind="not_found")


def _nearest(example: Example) -> TextSpan | None:
    """The sentence of the context that shares most words with the question."""
    asked, text = set(words(example.question)), example.context
    places = sentences(text)
    shared = [len(asked & set(words(text[start:end]))) for start, end in places]
    if not places:
        return None
    start, end = places[shared.index(max(shared))]
    return TextSpan(text[start:end], start)


def _make(
    pool: Sequence[Example], way: str, count: int, maker: UnanswerableMaker, recipe: Mixture, rng: random.Random
) -> Iterator[Example]:
    for example in _sample(pool, len(pool), rng):
        if count <= 0:
            return
        made = maker.make(example, way, rng)
        if made is not None:
            count -= 1
            yield shape(made, recipe, rng, None if way == "removed" else example.answer())


def elsewhere(example: Example, recipe: Mixture, rng: random.Random) -> Iterator[Example]:
    """The question with a window of its article that holds none of its answers; nothing when ten draws find none."""
    golds = [span.text for span in example.spans]
    if holds(example.headline, golds):
        return
    for _ in range(10):
        at = rng.randrange(len(example.context))
        drawn = cut(example, rng, recipe.low, recipe.high, TextSpan(example.context[at : at + 1], at))
        if not holds(drawn.context, golds):
            yield drawn.unanswered(id=f"{example.id}#elsewhere", kind="elsewhere")
            return


def joined(example: Example, others: Sequence[Example], recipe: Mixture, rng: random.Random) -> Example:
    """The example with its context among those of ``others``, in any order, each cut to half the length of a window."""
    low, high = recipe.low // 2, recipe.high // 2
    contexts = [cut(other, rng, low, high).context for other in others]
    kept = cut(example, rng, low, high)
    at = rng.randint(0, len(contexts))
    before = "".join(f"{context} " for context in contexts[:at])
    return replace(
        kept,
        id=f"{example.id}#beside",
        context=" ".join([*contexts[:at], kept.context, *contexts[at:]]),
        answers=tuple(TextSpan(span.text, span.start + len(before)) for span in kept.answers),
    )


def shape(example: Example, recipe: Mixture, rng: random.Random, anchor: TextSpan | None = None) -> Example:
    """The example with its context whole or cut to a window, as the recipe's share says; long ones are always cut."""
    if example.answers and rng.random() < recipe.untitled:
        example = replace(example, headline="", headline_answers=())
    keep = rng.random() < recipe.whole
    if keep and pieces(example.context) <= 1.1 * recipe.high:
        return example
    return cut(example, rng, recipe.low, recipe.high, anchor)


def _sample(examples: Sequence[Example], count: int, rng: random.Random) -> list[Example]:
    return rng.sample(list(examples), min(count, len(examples)))
