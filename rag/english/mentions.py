"""What a conversation has spoken of: the names and the words with a meaning of its questions and short answers.

Every mention is a slice of what was said. The rules are for English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.english.calendar_names import MONTH_NAMES
from rag.english.content_words import content_words
from rag.english.question_words import PREPOSITIONS, QUESTION_WORDS, words_of
from rag.english.verbs import is_base, is_finite, is_participle

_WORD = re.compile(r"[^\W_]+(?:(?:[.,:/&’'-]|\.-)[^\W_]+)*(?:(?<=\b[A-Z])\.)?")
_CONTRACTED = re.compile(r"[’'](?:t|d|m|ll|re|ve)$")
_NUMBER_IN_A_NAME = re.compile(r"\d{1,4}(?:(?= [A-Z])|(?=[?!.,;:)]|$)| (?P<next>[a-z]+))")
_DAY = re.compile(r"\d{1,2}(?:st|nd|rd|th)?")
_POSSESSIVE = re.compile(r"[’'][sS]$")
_INSIDE_A_NAME = re.compile(r" (?:of|of the|the|de|de la|du|van|von|van der|van den|bin|al|&) |, (?=Jr)| ")
_LIGHT = words_of(
    "a an the this that these those it its he she they we you i him her hers them us his their theirs our my your me "
    "is are was were be been being am do does did done has have had having will would can could shall should may "
    "might must to and or but so not no any some all both each every there here also too yet still just only ever "
    "even again than as if then now else many much more most few less old long big far often exactly actually really "
    "please thanks ok okay well yes lol hm oh ah like get got go goes going tell told know let one ones other another "
    "same such very want wants say says said make makes made put puts think thinks thought de la du van von der den "
    "al himself herself itself themselves until because while though although whether s t d ll re ve m don doesn didn "
    "isn wasn weren aren couldn wouldn anyone anybody anything everyone everybody everything someone somebody nobody "
    "something nothing meanwhile"
)
FUNCTION_WORDS = _LIGHT | PREPOSITIONS | QUESTION_WORDS


@dataclass(frozen=True)
class Mention:
    """A name, a number or a word at ``start:end`` of ``text``, of a question or an answer."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """What was said."""
        return self.text[self.start : self.end]

    @property
    def is_name(self) -> bool:
        """Whether its first word has a capital: “Oslo”, “iPhone 17”, “19 June”."""
        first, _, rest = self.words.partition(" ")
        return any(letter.isupper() for letter in first) or rest in MONTH_NAMES

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words without their endings; where they are function words (“US”, “WHO”), as they stand."""
        return frozenset(content_words(self.words)) or frozenset({self.words.lower()})


def mentions(text: str) -> list[Mention]:
    """The mentions of a text, in order: names whole, other words one by one, function words left out.

    The first word of a text is a name only where another one follows, or where it is no word that begins sentences.
    """
    found: list[Mention] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        possessive = _POSSESSIVE.search(match[0])
        if possessive:
            end -= 2
        word = text[start:end]
        if _CONTRACTED.search(word):
            continue
        if word.lower() in FUNCTION_WORDS and not (word.isupper() and len(word) > 1 and start and not text.isupper()):
            continue
        last = found[-1] if found else None
        goes_on = word[:1].isupper() or _goes_on_with_a_name(text, start)
        joins = last is not None and (
            (last.is_name and goes_on) or (_DAY.fullmatch(last.words) and word in MONTH_NAMES)
        )
        if last is not None and joins and _INSIDE_A_NAME.fullmatch(text[last.end : start]):
            found[-1] = Mention(text, last.start, end)
        else:
            found.append(Mention(text, start, end))
    return found


def _goes_on_with_a_name(text: str, start: int) -> bool:
    """Whether a number stands there that is a part of a name: “Lost 52 Project”, “Apollo 11”, not “Oslo 300 people”."""
    number = _NUMBER_IN_A_NAME.match(text, start)
    after = number["next"] if number else None
    return number is not None and (
        after is None or after in FUNCTION_WORDS or is_base(after) or is_finite(after) or is_participle(after)
    )


def joined(chosen: Sequence[Mention]) -> list[str]:
    """Slices of what was said that cover the mentions, those that stand side by side as one."""
    slices: list[Mention] = []
    for mention in chosen:
        last = slices[-1] if slices else None
        if last and last.text == mention.text and _BETWEEN.fullmatch(last.text, last.end, mention.start):
            slices[-1] = Mention(mention.text, last.start, mention.end)
        else:
            slices.append(mention)
    return [mention.words for mention in slices]


_BETWEEN = re.compile(r"(?:[’']s?)? (?:(?:of|for|on|in) )?(?:the )?")
