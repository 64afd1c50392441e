"""The words that English questions are built of, and a question without what is said around it."""

import re

from index.article import single_spaced


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


QUESTION_WORDS = words_of("who whom whose what which when where why how")
AUXILIARIES = words_of("do does did is are was were has have had will would can could shall should may might must")
PREPOSITIONS = words_of(
    "about above according across after against along among around as at before behind below beside between beyond by "
    "during for from in inside into near of off on onto out outside over per since through throughout till to toward "
    "towards under until up upon via with within without"
)
_CONJUNCTIONS = re.compile(r"^(?:(?:and|but|so|ok|okay|then|also|well|now|yes|no|thanks|hm+|ah|oh)\b[\s,:–—-]*)+", re.I)
_QUESTION = "|".join(sorted(QUESTION_WORDS))
_ASKS = rf"(?:(?:and|but|so)\s+)?(?:{_QUESTION}|{'|'.join(sorted(AUXILIARIES))})\b"
_TITLES = words_of("Mr Ms Dr St Lt Jr Sr Mrs Gov Sen Rep Gen Rev Col Sgt Inc Prof Capt Corp")
_NO_TITLE = "".join(rf"(?<!\b{title}\.)" for title in sorted(_TITLES))
_NEXT_SENTENCE = re.compile(rf"(?<=[a-z0-9]{{2}}[.!?]){_NO_TITLE}\s+(?=[A-Z]|(?i:{_ASKS}))")
_NO_QUESTION = rf"(?!{_ASKS}|[^,?]{{0,80}}\b(?:{_QUESTION})\b)"
_TOPIC = re.compile(rf"(?i)(?:(?:what|how) about|{_NO_QUESTION})[^,?]{{1,80}},\s*(?={_ASKS})")
"""What a question is about, put before it: “and the mayor, is he for it?”."""
_REQUEST = re.compile(r"(?i)^(?:please )?(?:tell|show) me (?:more |something )?about ")
_ABBREVIATION = re.compile(r"\b[A-Z]\.$")


def core(question: str) -> str:
    """The question without what is said before it, a conjunction or its topic, and without marks after it; the last one
    when a text holds several.
    """
    text = _without_end(single_spaced(question))
    sentence = _NEXT_SENTENCE.split(text)[-1]
    asked = _CONJUNCTIONS.sub("", sentence)
    topic = _TOPIC.match(asked)
    asked = _CONJUNCTIONS.sub("", asked[topic.end() :]) if topic else asked
    return _REQUEST.sub("", asked).strip() or sentence


def _without_end(text: str) -> str:
    """The text without the marks at its end, but with the full stop of “U.S.”."""
    text = text.rstrip(" ?!…")
    return text if _ABBREVIATION.search(text) else text.rstrip(" .?!…")
