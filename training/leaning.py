"""Questions as the service reads them in a conversation: what they lean on stands behind them in brackets.

“When did she win the prize?” – “When did she win the prize? (Nadia Sarraf, Oslo)”. The service writes them
(:mod:`rag.english.followup`); here they are made of questions that stand alone, so that readers learn that a word in
the brackets counts as one of the question, and that not every word there is needed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from rag.english.mentions import Mention, joined, mentions
from rag.english.question_words import QUESTION_WORDS
from training.data import Example

_POINTERS = ("it", "they", "that", "this", "there", "he", "she", "them", "those")
_LEADS = ("And ", "So ", "But ", "ok, ", "")
_MOST_STRAY = 2


def leaning(example: Example, others: Sequence[str], rng: random.Random) -> Example | None:
    """The example with some of its question's mentions moved behind it; None when it has none to move.

    :param others: Questions about the same article, of which mentions that nobody needs are taken.
    """
    found = mentions(example.question)
    if not found:
        return None
    first = example.question.split()[0]
    if rng.random() < 0.25 and first.lower() in QUESTION_WORDS:
        typed, moved = f"{rng.choice(_LEADS)}{first}?", found
    else:
        moved = _some(found, rng)
        typed = _pointing(example.question, moved, rng)
    behind = [*joined(moved), *_stray(example.question, others, rng)]
    if rng.random() < 0.5:
        rng.shuffle(behind)
    return replace(example, id=f"{example.id}#leaning", question=f"{typed} ({', '.join(behind)})")


def _some(found: Sequence[Mention], rng: random.Random) -> list[Mention]:
    """One to three of the mentions, names rather than others, in their order."""
    ranked = sorted(found, key=lambda mention: (not mention.is_name) + rng.random())
    return sorted(ranked[: rng.choice((1, 1, 2, 3))], key=lambda mention: mention.start)


def _pointing(question: str, moved: Sequence[Mention], rng: random.Random) -> str:
    """The question with a pronoun where the first of the mentions stood, and nothing where the others did."""
    for number, mention in reversed(list(enumerate(moved))):
        word = rng.choice(_POINTERS) if number == 0 else ""
        question = f"{question[: mention.start]}{word}{question[mention.end :]}"
    return re.sub(r"\s+([?.,!])", r"\1", " ".join(question.split()))


def _stray(question: str, others: Sequence[str], rng: random.Random) -> list[str]:
    """A few mentions of another question that this one has not."""
    if not others:
        return []
    known = {word.lower() for word in question.split()}
    there = [it.words for it in mentions(rng.choice(others)) if not known & {w.lower() for w in it.words.split()}]
    return rng.sample(there, min(len(there), rng.randint(0, _MOST_STRAY)))
