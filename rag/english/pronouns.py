"""Pronouns in questions, and their replacement by what they stand for in the conversation.

*He* and *she* stand for the answer to a question with "who", or for a name; *it* for an answer that is a thing, or for
the subject of the last question; *they* for what was counted. The last exchange is searched first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.english.question_grammar import (
    AUXILIARIES,
    BE,
    DETERMINERS,
    PREPOSITIONS,
    QUESTION_WORDS,
    Clause,
    core,
    is_name,
    noun_phrases,
    parse,
    without_article,
    words_of,
)
from rag.english.verbs import is_base, is_finite, is_participle

HE = words_of("he she him her his hers himself herself")
IT = words_of("it its itself")
THEY = words_of("they them their theirs")
POINTING = words_of("this that these those")

NAME = r"(?:the )?[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*"
"""A regular expression for a name."""

_POSSESSIVE = words_of("his her its their")
_EMPTY_IT = re.compile(
    r"(?i)\bit (?:true|possible|clear|likely|raining|that)\b|what time (?:is|was) it"
    r"|\bit (?:(?:cost|take|takes|mean|mark|help|matter|be) (?:\w+ )?)?(?:to|if|that)\b"
)
_BUILT = re.compile(r"(?i)\b(?:built|founded|erected|demolished)\b")
_SOMEONE = re.compile(r"(?i)(?:er|or|ist|ian|man|woman|ent|ant|person|child|boy|girl|king|queen|mayor|chief)$")
_NUMBER = re.compile(r"\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|nobody|nothing)\b", re.I)


@dataclass(frozen=True)
class Exchange:
    """A question that stands alone and the short answer to it, empty when there was none."""

    question: str
    answer: str

    @cached_property
    def clause(self) -> Clause | None:
        """The question taken apart, if it can be."""
        return parse(self.question)


def resolved(question: str, past: Sequence[Exchange]) -> str | None:
    """Pronouns that nothing in the question explains, replaced by what they stand for."""
    words = core(question).split()
    lower = [word.lower().strip(",;") for word in words]
    result: list[str] = []
    found: dict[str, str] = {}
    at = 0
    while at < len(words):
        replaced, used = ("", 1) if _is_explained(words, lower, at) else _replacement(words, lower, at, past)
        if replaced:
            found[lower[at]] = replaced
            if result and result[-1].lower() in {"is", "was"} and _is_plural(replaced):
                result[-1] = {"is": "are", "was": "were"}[result[-1].lower()]
        result.append(replaced or words[at])
        at += used
    if len(found) > len(set(found.values())):
        return ""
    return " ".join(result) if found else None


def _is_explained(words: Sequence[str], lower: Sequence[str], at: int) -> bool:
    """Whether the word is no pronoun, or one that a name, a noun or a who before it explains."""
    word = lower[at]
    if word in AUXILIARIES | {"one", "ones"}:
        return False
    if word not in HE | IT | THEY | POINTING | {"there"}:
        return True
    if (word in IT and _EMPTY_IT.search(" ".join(words))) or any(map(is_name, words[1:at])):
        return True
    if lower[0] == "who" and lower[1] not in BE and word in _POSSESSIVE:
        return True
    asking = next((place for place, other in enumerate(lower) if other in QUESTION_WORDS), 0)
    return any(link in lower[asking + 1 : at] for link in ("that", "because", "when", "if", "whether"))


def _replacement(words: Sequence[str], lower: Sequence[str], at: int, past: Sequence[Exchange]) -> tuple[str, int]:
    """What stands for the word in the rewritten question, and how many words it replaces; empty to leave it."""
    word, before = lower[at], lower[:at]
    after = lower[at + 1] if at + 1 < len(lower) else ""
    found = ""
    if word in AUXILIARIES:
        is_bare = before in (["how", "many"], ["how", "much"]) and _goes_on(words[at + 1 :])
        counted = _plural(past, True) if is_bare else ""
        if counted and after == "there":
            return f"{without_article(counted)} {word}", 1
        return (f"of {counted} {word}", 1) if counted else ("", 1)
    if word in {"one", "ones"}:
        is_bare = len(before) > 1 and not after and before[-1] not in PREPOSITIONS | {"no", "which"}
        counted = _plural(past, True) if is_bare else ""
        return (f"{words[at]} of {counted}", 1) if counted else ("", 1)
    if word == "there":
        return (_place(past) if not after and len(before) > 1 and before[-1] not in BE else ""), 1
    if word in POINTING:
        return _pointed(lower, at, past)
    if word in HE:
        found = _person(past)
    elif word in IT:
        found = _thing(past, _BUILT.search(" ".join(words)) is not None)
    elif word in THEY:
        found = _plural(past, before[-1:] == ["of"])
    if found and word in _POSSESSIVE and after and not (word == "her" and after in AUXILIARIES | PREPOSITIONS):
        return _possessed(words, lower, at, found)
    return found, 1


def _goes_on(rest: Sequence[str]) -> bool:
    """Whether a verb goes on with these words rather than with its subject."""
    if not rest:
        return True
    word = rest[0].lower()
    return word in PREPOSITIONS | {"there", "been", "be", "still", "not", "left"} or is_participle(word)


def _possessed(words: Sequence[str], lower: Sequence[str], at: int, owner: str) -> tuple[str, int]:
    """“his job” as “Lloyd Austin's job”, or “the teacher of the pupils of the school” where that is clearer."""
    if len(owner.split()) <= 4 and " of " not in owner:
        return owner + ("'" if owner.endswith("s") else "'s"), 1
    end = at + 1
    while end < len(lower) and lower[end] not in AUXILIARIES | PREPOSITIONS | {"due", "worth", "open"}:
        if end > at + 1 and (is_base(lower[end]) or is_participle(lower[end])):
            break
        end += 1
    return f"the {' '.join(words[at + 1 : end])} of {owner}", end - at


def _pointed(lower: Sequence[str], at: int, past: Sequence[Exchange]) -> tuple[str, int]:
    """“that” as the last thing, “this storm” as the storm that was named."""
    word, after = lower[at], lower[at + 1] if at + 1 < len(lower) else ""
    before = lower[at - 1] if at else ""
    many = word in {"these", "those"}
    is_verb = is_participle(after) or (is_base(after) and before in AUXILIARIES - BE)
    if not after or after in PREPOSITIONS | {"out"} or is_verb or (many and after in AUXILIARIES):
        is_pronoun = before and (before not in PREPOSITIONS or before == "of" or not after)
        if not is_pronoun:
            return "", 1
        if lower[0] == "who" and before in BE and not after:
            return _person(past), 1
        return (_plural(past, True) if many else _thing(past, False)), 1
    if after in DETERMINERS | PREPOSITIONS or (
        before not in AUXILIARIES | PREPOSITIONS and not (is_base(before) or is_finite(before))
    ):
        return "", 1
    for exchange in reversed(past):
        for phrase in [*noun_phrases(exchange.answer), *noun_phrases(core(exchange.question))]:
            if {after, after.rstrip("s")} & set(phrase.lower().split()):
                return phrase, 2
    return "", 1


def _person(past: Sequence[Exchange]) -> str:
    """Who *he* or *she* is: the last one that was answered with, or named in a question."""
    for exchange in reversed(past):
        clause, answer = exchange.clause, exchange.answer
        chooses = clause is not None and clause.head in {"who", "whom", "which"}
        if clause and not clause.predicate and _is_person(clause.subject, past):
            return clause.subject
        if chooses and any(map(is_name, answer.split())) and not _NUMBER.search(answer) and len(answer.split()) < 10:
            return answer
        for phrase in [*noun_phrases(core(exchange.question)), answer]:
            role, _, name = re.sub(r"['’]s\b.*", "", phrase).rpartition(" of ")
            if role.startswith("the ") and _SOMEONE.search(role):
                return phrase
            if _is_person(name, past):
                return name
        if clause and is_name(clause.subject) and " " not in clause.subject:
            return clause.subject
        if clause and chooses and not _is_plural(answer) and _SOMEONE.search(clause.noun or "person"):
            return clause.relative("person")
    clause = past[-1].clause
    return clause.subject if clause and clause.subject.startswith("the ") and not _is_plural(clause.subject) else ""


def _thing(past: Sequence[Exchange], is_place: bool) -> str:
    """What *it* is: the thing that was answered, else the subject of the last question, else what it is about."""
    for exchange in reversed(past):
        clause, answer = exchange.clause, exchange.answer
        if clause is None:
            phrases = noun_phrases(core(exchange.question))
            found = [phrase for phrase in phrases if not _is_plural(phrase)]
            if found:
                return found[0]
            continue
        is_thing = bool(answer) and not _NUMBER.search(answer) and len(answer.split()) <= 7
        is_asked = clause.head in {"what", "which"} and clause.asks_for_a_thing and (clause.predicate or clause.noun)
        if is_thing and (is_asked or (is_place and clause.head == "where")):
            return _definite(answer, clause)
        about = [clause.subject, *noun_phrases(clause.predicate), *noun_phrases(clause.noun)]
        things = [phrase for phrase in about if phrase and not _is_person(phrase, past)]
        if things:
            return next((phrase for phrase in things if not _is_plural(phrase)), things[0]).removeprefix("half of ")
        if clause.relative("thing"):
            return clause.relative("thing")
    return ""


def _definite(answer: str, clause: Clause) -> str:
    """“a ferry” as “the ferry that the storm tore from its moorings”."""
    article, _, noun = answer.partition(" ")
    if article.lower() not in {"a", "an"} or any(map(is_name, noun.split())):
        return answer
    relative = clause.relative(noun, renamed=True)
    return relative if relative.count(" that ") == 1 else f"the {noun}"


def _plural(past: Sequence[Exchange], counted: bool) -> str:
    """What *they* are; with ``counted``, what was counted comes first."""
    for exchange in reversed(past):
        clause, answer = exchange.clause, exchange.answer
        if clause is None:
            continue
        many = clause.relative() if clause.head == "how" or clause.noun.endswith("s") else ""
        if counted and many:
            return many
        about = [clause.subject, *noun_phrases(clause.predicate)]
        plural = [phrase for phrase in about if phrase and _is_plural(phrase)]
        is_group = clause.head in {"who", "whom", "which", "what"} and (
            " and " in answer or "&" in answer or _is_plural(answer) or (not plural and is_name(answer))
        )
        if is_group and not counted and len(answer.split()) <= 8 and not _NUMBER.search(answer):
            return answer
        if plural or many:
            return (plural or [many])[0]
    return ""


def _is_plural(phrase: str) -> bool:
    head = re.split(r" (?:of|in|for|from|at|on|who|that) ", phrase)[0]
    return head.endswith("s") and not head.endswith(("ss", "'s", "’s", "us")) and not is_name(head.split()[-1])


def _is_person(phrase: str, past: Sequence[Exchange]) -> bool:
    """Whether it is a name of several words, and no answer to a question after a thing."""
    words = phrase.split()
    if len(words) < 2 or not all(map(is_name, words)):
        return False
    clauses = [exchange.clause for exchange in past if exchange.answer == phrase]
    return not any(
        clause and clause.head in {"what", "which", "where"} and not _SOMEONE.search(clause.noun) for clause in clauses
    )


def _place(past: Sequence[Exchange]) -> str:
    """Where *there* is."""
    for exchange in reversed(past):
        clause, answer = exchange.clause, exchange.answer
        if clause and clause.head == "where" and any(map(is_name, answer.split())):
            return at_place(answer)
        match = re.search(rf"\b(?:in|at|on) {NAME}", exchange.question)
        if match:
            return match[0]
    return ""


def at_place(place: str) -> str:
    """The place with a preposition before it."""
    return place if place.split()[0].lower() in PREPOSITIONS else f"at {place}"


def topic(past: Sequence[Exchange]) -> str:
    """What the conversation is about: the last thing with a name, else a definite thing, else a person."""
    phrases = [phrase for exchange in reversed(past[-3:]) for phrase in noun_phrases(core(exchange.question))]
    named = [phrase for phrase in phrases if any(map(is_name, phrase.split()))]
    things = [phrase for phrase in named if not _is_person(phrase, past)]
    definite = [phrase for phrase in phrases if phrase.lower().startswith("the ")]
    return next(iter([*things, *definite, *named]), "")
