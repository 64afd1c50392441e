"""Whether a question leans on the conversation before it, and on which of its words: two small fitted models.

The signs that they weigh are pronouns, function words and what is shared with the conversation; none depends on how
carefully somebody types. There are also the numbers of what the small reader makes of the question, or of a mention
(:mod:`rag.english.token_states`). ``python -m training.followups`` fits both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from index.article import Span
from rag.english.content_words import content_words
from rag.english.logistic import Logistic
from rag.english.mentions import Mention, mentions
from rag.english.question_words import AUXILIARIES, QUESTION_WORDS, words_of
from rag.english.token_states import SIZE, state_of, states_at
from rag.english.verbs import is_base, is_finite, is_participle

LEANS = Path(__file__).parent.parent / "models" / "leans.json"
TERMS = Path(__file__).parent.parent / "models" / "terms.json"

_WORD = re.compile(r"[^\W_]+")
_POINTERS = {
    "he": words_of("he she him his her hers himself herself"),
    "it": words_of("it its itself"),
    "they": words_of("they them their theirs themselves"),
    "that": words_of("this that these those"),
    "there": words_of("there then"),
    "other": words_of("else one ones other others another same more before after now again either too already exactly"),
}
_POINTS_AT_NOTHING = re.compile(
    r"\bit (?:true|possible|clear|likely|raining|that)\b|\bwhat time (?:is|was) it|\bit (?:\w+ ){1,2}that\b"
    r"|\bit (?:(?:cost|take|takes|mean|mark|help|matter|be) (?:\w+ )?)?(?:to|if)\b"
    r"|\bthere (?:is|are|was|were|be|been)|\b(?:is|are|was|were|be|been) there\b"
    r"|\b(?:that|this) (?:helps|helped|makes sense|sounds)\b|\b(?:that|those) (?:who|which|of)\b"
    r"|\bmore than\b|\b(?:before|after|now) [^\W\d_]{3,}"
    r"|\b(?!was\b|were\b|did\b|does\b|about\b)[^\W\d_]{3,} that (?=(?:he|she|it|they|we|there|the)\b)",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"(?i)\W*(?:and|but|so|or|ok|okay|lol|haha|hm+|ah|oh|thanks|thank you|well|also|nope|no(?=,)|(?:no,? )?i meant?)\b"
)
COMPARES = re.compile(r"(?i)\b(?:what|how) about\b")
"""What asks the question before of something else: sure to lean where little follows."""
_DEFINITE = re.compile(r"\b[Tt]he ([a-z][\w-]*)(?: ([a-z][\w-]*))?")
_INDEFINITE = re.compile(r"\b(?:a|an|any)\b")
_AT_A_PLACE = re.compile(r"(?i)\b(?:in|at|on|near|to|from)(?: the)? $")
_OWN = words_of("i me my mine we us our")
_WHO = ("who", "which", "whom")
_LONG_ANSWER = 5
"""Words of an answer up to which it is likely a name or a number."""
_STATE = tuple(f"state_{number}" for number in range(SIZE))
_SCALE = 0.15
"""What the states of mentions are multiplied by, so that a penalty for large weights counts them less than the other
signs."""
_SCALE_OF_QUESTIONS = 0.3
"""The same for those of questions."""


@dataclass(frozen=True)
class Exchange:
    """A question that stands alone and the short answer to it, empty when there was none.

    With ``is_guess`` the answer was shown as the nearest, not as one.
    """

    question: str
    answer: str
    is_guess: bool = False

    @cached_property
    def mentions(self) -> list[tuple[Mention, bool]]:
        """What both speak of, and whether the answer does."""
        return [(it, False) for it in mentions(self.question)] + [(it, True) for it in mentions(self.answer)]

    @property
    def text(self) -> str:
        """Both, the answer behind the question."""
        return f"{self.question} {self.answer}"

    @cached_property
    def stems(self) -> frozenset[str]:
        """The words with a meaning of both, without their endings."""
        return frozenset(content_words(self.text))


def signs_of_leaning(question: str, past: Sequence[Exchange]) -> dict[str, float]:
    """What tells whether a question leans on the exchanges before it, of which there is one at least."""
    asked = _Asked(question)
    known = frozenset[str]().union(*(exchange.stems for exchange in past))
    heads = {word for match in _DEFINITE.finditer(question) for word in match.groups() if word}
    return {
        **{f"says_{kind}": float(kind in asked.pointers) for kind in _POINTERS},
        "explained": float(bool(asked.pointers) and bool(asked.names)),
        "he_explained": float("he" in asked.pointers and asked.names_somebody_before_he),
        "leads_on": float(_LEADS_ON.match(question) is not None),
        "compares": float(COMPARES.search(question) is not None),
        "names": float(min(len(asked.names), 3)),
        "named": float(bool(asked.names)),
        "new_name": float(any(not name.stems & known for name in asked.names)),
        "number": float(any(character.isdigit() for character in question)),
        "nothing": float(not asked.stems),
        "short": float(len(asked.stems) <= 2),
        "words": min(len(asked.stems), 8) / 4,
        "bare_words": (not asked.pointers) * min(len(asked.stems), 8) / 4,
        "shared": float(bool(asked.stems & known)),
        "shared_last": float(bool(asked.stems & past[-1].stems)),
        "share_new": len(asked.stems - known) / max(1, len(asked.stems)),
        "definite": float(bool(heads) and not asked.names),
        "definite_known": float(bool(known.intersection(content_words(" ".join(heads))))),
        "no_verb": float(not any(word in AUXILIARIES | {"s"} or is_finite(word) for word in asked.words)),
        "starts_otherwise": float(not {*asked.words[:1]} & (QUESTION_WORDS | AUXILIARIES)),
        "says_i": float(bool(_OWN.intersection(asked.words))),
        "indefinite": float(_INDEFINITE.search(question) is not None),
        **dict(zip(_STATE, (_SCALE_OF_QUESTIONS * state_of(question)).tolist(), strict=True)),
    }


def signs_of_terms(question: str, past: Sequence[Exchange]) -> list[tuple[Mention, dict[str, float]]]:
    """Each mention of the exchanges that the question hasn't itself, the oldest first, and what tells its use."""
    asked = _Asked(question)
    rows = []
    places: list[Span] = []
    said = ""
    for place, exchange in enumerate(past):
        others = [other.stems for other in past if other is not exchange]
        for at, (mention, answers) in enumerate(exchange.mentions):
            if not mention.stems <= asked.stems:
                seen = sum(bool(mention.stems & stems) for stems in others)
                it = _Spoken(mention, answers, at == 0, seen, len(past) - place, exchange)
                rows.append((mention, _signs_of(it, asked)))
                begins = len(said) + answers * (len(exchange.question) + 1)
                places.append((begins + mention.start, begins + mention.end))
        said += f"{exchange.text}\n"
    if not rows:
        return []
    states = (_SCALE * states_at(question, said, places)).tolist()
    return [
        (mention, signs | dict(zip(_STATE, state, strict=True)))
        for (mention, signs), state in zip(rows, states, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A mention, whether the answer has it, whether the question begins with it, in how many other exchanges it is,
    and how many exchanges ago it was said.
    """

    mention: Mention
    answers: bool
    is_first: bool
    seen: int
    back: int
    exchange: Exchange


def _signs_of(it: _Spoken, asked: "_Asked") -> dict[str, float]:
    mention, answers, back, exchange = it.mention, it.answers, it.back, it.exchange
    shared = bool(asked.stems & exchange.stems)
    who = exchange.question.lower().startswith(_WHO)
    word = mention.words.lower()
    names_one = answers and len(exchange.answer.split()) <= _LONG_ANSWER
    name = mention.is_name and (mention.start > 0 or names_one or " " in word)
    verb = not name and (is_finite(word) or is_participle(word) or is_base(word))
    person = name and " " in word
    is_answer = names_one and name
    bracket = exchange.question.find(" (")
    signs = {
        "last": back == 1,
        "second": back == 2,
        "third": back == 3,
        "answers": answers,
        "answers_who": is_answer and who,
        "is_answer": is_answer,
        "is_last_answer": is_answer and back == 1,
        "is_number": answers and word[:1].isdigit(),
        "answers_before": answers and back > 1,
        "long_answer": answers and len(exchange.answer.split()) > _LONG_ANSWER,
        "name": name,
        "person": person,
        "number": word[:1].isdigit(),
        "verb": verb,
        "plural": not name and word.endswith("s"),
        "first": it.is_first,
        "inherited": 0 <= bracket < mention.start and not answers,
        "others": it.seen > 0,
        "many_others": it.seen > 1,
        "shared": shared,
        "shared_back": shared and back > 1,
        "at_a_place": _AT_A_PLACE.search(mention.text[: mention.start]) is not None,
        "short_verb": verb and asked.is_short,
        "bare_verb": verb and not asked.stems,
        "short_word": asked.is_short and not name and not verb,
        "short_name": asked.is_short and name,
        "short_answer": asked.is_short and is_answer,
        "bare_answer": not asked.pointers and is_answer,
        "named_name": bool(asked.names) and name,
        "last_name": back == 1 and name,
        "compares": asked.compares and not name,
        "compares_name": asked.compares and name,
    }
    for kind in ("he", "it", "they", "that", "there"):
        says = kind in asked.pointers
        signs[f"{kind}_name"] = says and name
        signs[f"{kind}_person"] = says and person
        signs[f"{kind}_answer"] = says and is_answer
        signs[f"{kind}_answer_who"] = says and is_answer and who
        signs[f"{kind}_word"] = says and not name
        signs[f"{kind}_last"] = says and back == 1
    return {name: float(value) for name, value in signs.items()}


class _Asked:
    """What is looked at in a question."""

    def __init__(self, question: str) -> None:
        self.words = _WORD.findall(question.lower())
        said = {*_WORD.findall(_POINTS_AT_NOTHING.sub(" ", question).lower())}
        self.pointers = {kind for kind, words in _POINTERS.items() if said & words}
        found = mentions(question)
        self.stems = frozenset[str]().union(*(it.stems for it in found))
        self.names = [it for it in found if it.is_name and it.start > 0]
        he = next((at.start() for at in _WORD.finditer(question) if at[0].lower() in _POINTERS["he"]), 0)
        self.names_somebody_before_he = any(name.end < he for name in self.names)
        self.is_short = len(self.stems) <= 1
        leads_on = _LEADS_ON.match(question) is not None
        self.compares = COMPARES.search(question) is not None or (self.is_short and leads_on)


@cache
def leans() -> Logistic:
    """The shipped model that tells whether a question leans on what was said."""
    return Logistic.read(LEANS)


@cache
def terms() -> Logistic:
    """The shipped model that tells whether it leans on a mention."""
    return Logistic.read(TERMS)
