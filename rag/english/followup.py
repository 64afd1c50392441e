"""Follow-up questions rewritten so that they stand alone, by rules, without a language model.

“Who won the prize?” – “Nadim Sarraf-Hale” – “And when?” becomes “When did Nadim Sarraf-Hale win the prize?”. A question
is rewritten when it asks who said the last thing, compares (“What about …?”), is a fragment, holds a pronoun that
nothing in it explains, or names a part of what was talked about (“the organiser”). All rules are for English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.article import single_spaced
from rag.english.pronouns import HE, IT, NAME, POINTING, THEY, Exchange, at_place, resolved, topic
from rag.english.question_grammar import (
    AUXILIARIES,
    DETERMINERS,
    DO,
    PREPOSITIONS,
    QUESTION_WORDS,
    Clause,
    asked,
    bare_auxiliary,
    core,
    is_name,
    noun_phrases,
    parse,
    without_article,
    without_end,
)
from rag.english.verbs import is_base, is_finite, is_participle

LOOK_BACK = 6
"""Questions of the user that are looked at, the last ones."""

_LONGEST = 400
"""Characters of a question or a short answer that the rules read; and of what they write."""

_MARKUP = re.compile(r"\\(?=\W)|\*\*|__|`|\s*\[\d+\](?:\([^)]*\))?")
_NO_ANSWER = re.compile(r"(?i)^(?:no|none|nothing|sorry|i|unfortunately|there is no)\b.*[.!]$")
_SAYING = "said|says|say|told|claims|claimed|claim|thinks|thought|found|reported|announced|confirmed|wrote|believes"
_WHO_SAID = re.compile(rf"(?i)^(who|which \w+) ({_SAYING})( (?!that|so|this|it)\w+)? (?:that|so|this|it)( out)?$")
_WHY = re.compile(r"(?i)^(?:how come|why so|why that|why (?:is|was) it(?: so)?)$")
_WHEN_WAS_THAT = re.compile(r"(?i)^(why|when|where|how) (?:is|was) (?:that|this)(?: so)?$")
_SAME_ACT = re.compile(
    r"(?i)^(?P<wh>.+?) (?:did|do|does|would|will) (?:he|she|it|they|the \w+) (?:do|say) (?:it|that|so|this)$"
)
_COMPARED = re.compile(r"(?i)^\W*(?:(?:and|but|so|or|ok|okay)\b\W*)*(?:(?:what|how) about\b|(?<=nd |ut |or ))\s*(.+)$")
_ORDINAL = re.compile(r"\b(?:the|an?) (?:(?:first|second|third|fourth|last|next|new|old|other) )?(?=[a-z])")
_FULL_NAME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
_DAYS = re.compile(r"(?i)^(?:mon|tues|wednes|thurs|fri|satur|sun)days?$")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation.

    An assistant's message is read for its short answer, which is the first line.
    """

    role: Literal["user", "assistant", "system"]
    content: str


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question as it would be asked without the conversation before it (the oldest turn first).

    A question that stands alone stays as it is, and so does one that no rule understands.
    """
    past: list[Exchange] = []
    for asked_before, answer in _exchanges(history):
        past.append(Exchange(_rewrite(asked_before, past) or asked_before, answer))
    return _rewrite(question, past) or question


def _exchanges(history: Sequence[Turn]) -> list[tuple[str, str]]:
    """The last questions of the user, each with the short answer after it."""
    found: list[tuple[str, str]] = []
    for turn in history[-4 * LOOK_BACK :]:
        if turn.role == "user":
            found.append((turn.content.strip(), ""))
        elif turn.role == "assistant" and found and not found[-1][1]:
            found[-1] = (found[-1][0], _short_answer(turn.content, found[-1][0]))
    return [(asked_before[:_LONGEST], answer) for asked_before, answer in found if asked_before][-LOOK_BACK:]


def _short_answer(message: str, question: str) -> str:
    """The first line of a message without its marks, or the name that it holds if it is a whole sentence.

    Empty when it says that there is no answer, or is too long for a short one.
    """
    line = _MARKUP.sub("", single_spaced(message.lstrip()[: 2 * _LONGEST].partition("\n")[0])).strip()
    bare = line.strip(' "“”«».,;:*_')
    if len(bare) > _LONGEST or _NO_ANSWER.match(line) or not any(mark.isalnum() for mark in bare):
        return ""
    if line.endswith((".", "!")) and _has_verb(bare.lower().split(), False):
        return next(
            (name for name in _FULL_NAME.findall(bare) if not set(name.split()) & set(question.rstrip(" ?").split())),
            "",
        )
    return bare


def _rewrite(question: str, past: Sequence[Exchange]) -> str | None:
    """The rewritten question, or None when there is nothing to rewrite or no way to."""
    if not past or len(question) > _LONGEST:
        return None
    for rule in (_who_said, _compared, _fragment, resolved, _bridged):
        rewritten = rule(question, past)
        if rewritten is not None:
            text = asked(rewritten)
            return text if rewritten and len(text) <= _LONGEST else None
    return None


def _who_said(question: str, past: Sequence[Exchange]) -> str | None:
    """Rewrite “Who said that?” with the last answer in the place of “that”."""
    match = _WHO_SAID.match(core(question))
    clause = past[-1].clause
    if not match or not clause:
        return None
    who, verb, whom, out = match.groups("")
    if past[-1].answer:
        return f"{who} {verb}{whom}{out} that {clause.state(past[-1].answer)}"
    return f"{who} {verb}{whom}{out} {clause.indirect()}"


def _fragment(question: str, past: Sequence[Exchange]) -> str | None:
    """Rewrite a question about the same fact: “And when?”, “By whom?”, “How many of them?”, “Why did they do it?”."""
    bare = core(question)
    same_act = _SAME_ACT.match(bare)
    was_that = _WHEN_WAS_THAT.match(bare)
    wh = "Why" if _WHY.match(bare) else was_that[1] if was_that else same_act["wh"] if same_act else bare
    words = wh.lower().split()
    begins = next((at for at, word in enumerate(words[:3]) if word in QUESTION_WORDS), None)
    if begins is None or any(word not in PREPOSITIONS | {"according"} for word in words[:begins]):
        return None
    if len(words) > 8 or _has_verb(words, "how" in words[: begins + 1]):
        return None
    if any(is_base(verb) and after in DETERMINERS for verb, after in pairwise(words)):
        return None
    clause, answer = past[-1].clause, past[-1].answer
    if clause is None:
        before = core(past[-1].question)
        return f"{wh} {before[0].lower()}{before[1:]}" if _is_yes_or_no(before) else ""
    if len(words) > 1 and words[-1] in {"there", "then", "exactly", "not", "else"}:
        wh = " ".join(wh.split()[:-1])
        if words[-1] == "there" and answer and clause.head == "where":
            return f"{clause.ask(wh, '')} {at_place(answer)}"
        words = words[:-1]
    if words[:2] in (["how", "many"], ["how", "much"]):
        counting = past[-1] if clause.asks_for_a_thing or len(words) == 2 else _counting(past)
        return _counted(wh, counting.clause or clause, counting.answer)
    new = parse(f"{wh} did it") if len(words) > 1 else None
    if new and new.noun and new.asks_for_a_thing and clause.noun and clause.asks_for_a_thing:
        return clause.again(wh)
    if words == ["by", "whom"] and clause.auxiliary in DO:
        return f"{wh} is {answer}" if answer else ""
    return clause.ask(wh, answer)


def _is_yes_or_no(question: str) -> bool:
    return bool(AUXILIARIES & set(question.lower().split()[:1]))


def _has_verb(words: Sequence[str], counts: bool) -> bool:
    """Whether there is a finite verb; when something is counted, a word in -s is its plural."""
    return any(
        bare_auxiliary(word) in AUXILIARIES or (is_finite(word) and not (counts and word.endswith("s")))
        for word in words
    )


def _counting(past: Sequence[Exchange]) -> Exchange:
    """The exchange before the last one if that counted something, else the last one."""
    before = past[-2].clause if len(past) > 1 else None
    return past[-2] if before and before.head == "how" and before.noun else past[-1]


def _counted(wh: str, clause: Clause, answer: str) -> str:
    """Rewrite a question for a number: “How many?”, “How many loaves?”, “How many of them?”."""
    words = wh.split()
    how, many = words[:2]
    if words[2:3] == ["of"]:
        if clause.subject and not clause.asks_for_a_thing:
            return f"{how} {many} {without_article(clause.subject)} {clause.auxiliary} {clause.predicate}"
        relative = clause.relative()
        return f"{how} {many} of {relative} are there" if relative else ""
    noun = words[-1].lower() if len(words) > 2 else ""
    for phrase in noun_phrases(clause.predicate):
        counted = without_article(phrase)
        if counted.lower().endswith(noun) if noun else counted.endswith("s") and not is_name(counted):
            return clause.without(phrase).ask(f"{how} {many} {counted}", "" if clause.subject else answer)
    if clause.noun:
        return clause.again(wh if noun else f"{wh} {clause.noun}")
    if clause.subject and clause.asks_for_a_thing:
        return clause.again(wh)
    return clause.ask(wh, answer)


def _compared(question: str, past: Sequence[Exchange]) -> str | None:
    """Rewrite the same question about something else: “What about South Korea?”, “And on Sundays?”, “And cars?”."""
    match = _COMPARED.match(without_end(single_spaced(question)))
    if not match:
        return None
    other, before = match[1], core(past[-1].question)
    if past[-1].clause is None and not _is_yes_or_no(before):
        return ""
    words = other.lower().split()
    if len(words) > 8 or _has_verb(words, True) or is_base(words[0]) or any(word in QUESTION_WORDS for word in words):
        return None
    if words[0] == "the" and words[-1] in {"one", "ones"} and len(words) == 3:
        another, count = _ORDINAL.subn(f"the {words[1]} ", before, count=1)
        return another if count else ""
    if any(word in HE | IT | THEY | POINTING | {"one", "ones"} for word in words):
        return ""
    if words[0] in PREPOSITIONS and len(words) > 1:
        phrases = [NAME, *map(re.escape, noun_phrases(before))]
        place = re.search(rf"\b{re.escape(words[0])} (?:{'|'.join(phrases)})", before)
        return before.replace(place[0], other, 1) if place else f"{before} {other}"
    parallel = _parallel(other, before)
    return before.replace(parallel, other, 1) if parallel else ""


def _parallel(other: str, before: str) -> str:
    """The noun phrase of the question before that ``other`` takes the place of, or nothing."""
    clause = parse(before)
    subject, noun = (clause.subject, clause.noun) if clause else ("", "")
    ours = other.split()
    is_counted = bool(noun) and ours[0].lower() not in DETERMINERS
    phrases = [*([noun] if is_counted else []), *(phrase for phrase in noun_phrases(before) if phrase != noun)]

    def likeness(phrase: str) -> int:
        theirs = phrase.split()
        named = any(map(is_name, ours)) == any(map(is_name, theirs))
        number = ours[-1].endswith("s") == theirs[-1].endswith("s")
        start = (ours[0].lower() in DETERMINERS) == (theirs[0].lower() in DETERMINERS)
        day = bool(_DAYS.match(ours[-1])) == bool(_DAYS.match(theirs[-1]))
        return 3 * named + 3 * day + 2 * start + number + (phrase == subject)

    return max(phrases, key=likeness, default="")


def _bridged(question: str, past: Sequence[Exchange]) -> str | None:
    """Rewrite “Who is the organiser?” as a question for the organiser of the current topic."""
    bare = core(question)
    words = bare.split()
    lower = bare.lower().split()
    if len(words) > 8 or any(map(is_name, words[1:])) or parse(bare) is None:
        return None
    phrase = next((phrase for phrase in noun_phrases(bare) if phrase.lower().startswith("the ")), "")
    before, named, after = bare.partition(phrase) if phrase else (bare, "", "")
    about = topic(past)
    if not about or " of " in named or (after.split() and after.split()[0].lower() in PREPOSITIONS):
        return None
    if named:
        is_topic = about.partition(" of ")[0].lower().endswith(named.lower().split()[-1])
        return f"{before}{about if is_topic else f'{named} of {about}'}{after}"
    counts = lower[:2] == ["how", "many"] and len(words) < 7 and not set(lower) & (DETERMINERS | IT | HE | THEY)
    if counts and (lower[-1] == "there" or lower[-2:] == ["on", "board"] or is_participle(lower[-1])):
        return f"{bare} {'for' if lower[-1] in {'expected', 'needed'} else 'at'} {about}"
    return None
