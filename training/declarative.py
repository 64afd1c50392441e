"""Questions as statements: “Who won the race?” with the answer “Ada” is “Ada won the race.”

English only, and by word order alone, so one in ten reads awkwardly (“Ada did attend Yale.”). It makes sentences to
learn from, none that anybody is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.english.question_words import AUXILIARIES, PREPOSITIONS, QUESTION_WORDS
from rag.english.verbs import is_base, is_finite, is_participle

_DO = ("did", "does", "do")
_MODALS = ("can", "could", "will", "would", "shall", "should", "may", "might", "must")
_DETERMINERS = ("the", "a", "an", "of", "to", "his", "her", "its", "their")
_MEANS = ("by", "through", "with", "via")
_REASONS = ("because", "to", "for", "due", "so", "as")

#: Words before the question word, beyond which it stands in the middle: “The band was formed in what year?”
_LEAD = 3

#: Words of what is asked for: “how many of the old ships”.
_LONGEST = 6


def declarative(question: str, answer: str, before: str = "") -> str | None:
    """The question with its answer as a statement; None where its word order is not plain.

    :param before: What stands before the answer in its passage, of which a preposition is taken: “on”, “in”.
    """
    words = question.strip().rstrip("?. ").split()
    low = [word.lower().strip(",'") for word in words]
    at = next((place for place, word in enumerate(low) if word in QUESTION_WORDS), None)
    if at is None or not answer:
        return None
    end = _end_of_asked(low, at)
    if at > _LEAD:
        return _sentence([*words[:at], answer, *words[end:]])
    preposition = low[at - 1] if at and low[at - 1] in PREPOSITIONS else ""
    lead, rest = words[: at - bool(preposition)], words[end:]
    if not rest:
        return None
    said = _put(answer, low[at:end], preposition, before)
    return _sentence([*lead, *_ordered(rest, said, low[at])])


def affirmed(question: str) -> str | None:
    """What a yes to the question says: “Did Ada win the race?” is “Ada did win the race.”; None for other questions."""
    words = question.strip().rstrip("?. ").split()
    at = next((place for place, word in enumerate(words[: _LEAD + 2]) if word.lower() in AUXILIARIES), None)
    if at is None or not words[at + 1 :]:
        return None
    body = words[at + 1 :]
    verb = _verb(body, words[at].lower()) or min(2, len(body))
    return _sentence([*words[:at], *body[:verb], words[at].lower(), *body[verb:]])


def _end_of_asked(low: Sequence[str], at: int) -> int:
    """The place behind the question word and the noun that it asks about."""
    end = at + 1
    if low[at] in ("what", "which", "whose", "how"):
        while end < len(low) and low[end] not in AUXILIARIES and end - at <= _LONGEST:
            if end > at + 1 and is_finite(low[end]) and not is_base(low[end]):
                break
            end += 1
    return end


def _put(answer: str, asked: Sequence[str], preposition: str, before: str) -> str:
    """The answer as it stands in a sentence: with what is counted, a preposition or a conjunction."""
    first = answer.lower().split()[0]
    word, nouns = asked[0], asked[2:] if asked[:2] in (["how", "many"], ["how", "much"]) else asked[1:]
    if word == "why":
        return answer if first in _REASONS else f"because {answer}"
    if word == "how" and len(asked) == 1:
        return answer if first in _MEANS else f"by {answer}"
    if nouns and word == "how" and not set(nouns) & set(answer.lower().split()):
        answer = f"{answer} {' '.join(nouns)}"
    if word in ("when", "where") and not preposition:
        preposition = (before.lower().split() or [""])[-1]
    return f"{preposition} {answer}" if preposition in PREPOSITIONS and first not in PREPOSITIONS else answer


def _ordered(rest: Sequence[str], answer: str, asked: str) -> list[str]:
    """The words behind what is asked for, with the answer, in the order of a statement."""
    auxiliary, body = rest[0].lower(), rest[1:]
    if auxiliary not in AUXILIARIES or not body:
        return [answer, *rest]
    if asked in ("when", "where", "why") or auxiliary in _DO or not _is_verb(body[0].lower(), auxiliary):
        verb = _verb(body, auxiliary)
        if verb is None and auxiliary in _DO:
            return [*body, answer]
        verb = len(body) if verb is None else verb
        return [*body[:verb], rest[0], *body[verb:], answer]
    return [answer, *rest]


def _verb(body: Sequence[str], auxiliary: str) -> int | None:
    """The place of the verb that an auxiliary belongs to, behind its subject."""
    low = [word.lower() for word in body]
    places = (at for at in range(1, len(low)) if low[at - 1] not in _DETERMINERS and _is_verb(low[at], auxiliary))
    return next(places, None)


def _is_verb(word: str, auxiliary: str) -> bool:
    if auxiliary in (*_DO, *_MODALS):
        return is_base(word) or word == "be"
    return is_participle(word) or word in ("been", "being", "not")


def _sentence(words: Sequence[str]) -> str:
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}."
