"""English questions parsed into question words, auxiliary, subject and predicate, and built anew from these.

There is no full grammar, only lists of function words and auxiliaries; what is capitalised counts as a name.
"""

import re
from dataclasses import dataclass, replace

from index.article import single_spaced
from rag.english.verbs import base, is_base, is_finite, is_participle, past


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


QUESTION_WORDS = words_of("who whom whose what which when where why how")
DO = words_of("do does did")
BE = words_of("is are was were")
AUXILIARIES = DO | BE | words_of("has have had will would can could shall should may might must")
PREPOSITIONS = words_of(
    "about above according across after against along among around as at before behind below beside between beyond by "
    "during for from in inside into near of off on onto out outside over per since through throughout till to toward "
    "towards under until up upon via with within without"
)
DETERMINERS = words_of("a an the this that these those every each some any no")
_LINKS = words_of("that if when while because where who which than and or but")
_CONJUNCTIONS = re.compile(r"^(?:(?:and|but|so|ok|okay|then|also|well|now|yes|no|thanks|hm+|ah|oh)\b[\s,:–—-]*)+", re.I)
_REQUEST = re.compile(r"(?i)^(?:please )?(?:tell|show) me (?:more |something )?about ")
_ABBREVIATION = re.compile(r"\b[A-Z]\.$")
_SIZES = words_of("old long big large fast high far tall deep heavy wide often soon hot cold strong late early badly")
_AFTER_SUBJECT = words_of("worth due open closed free able expected there still not first most")
_TAIL = words_of("first last again yet so far now today there together")


def core(question: str) -> str:
    """The question without a conjunction before it and marks after it; the last one when a text holds several."""
    text = without_end(single_spaced(question))
    sentence = re.split(r"(?<=[a-z0-9]{2}[.!?])\s+(?=[A-Z])", text)[-1]
    return _REQUEST.sub("", _CONJUNCTIONS.sub("", sentence)).strip() or sentence


def without_end(text: str) -> str:
    """The text without the marks at its end, but with the full stop of “U.S.”."""
    text = text.rstrip(" ?!…")
    return text if _ABBREVIATION.search(text) else text.rstrip(" .?!…")


def asked(text: str) -> str:
    """A question from its words: a capital in front and a mark behind."""
    text = single_spaced(text).rstrip(" ?,;")
    return text[:1].upper() + text[1:] + "?" if text else ""


def is_name(word: str) -> bool:
    """Whether a word begins with a capital or is a number with one."""
    bare = word.lstrip("\"'“‘«*_(")
    return bare[:1].isupper()


@dataclass(frozen=True, slots=True)
class Clause:
    """A question in its parts: “At what temperature”, “did”, “François Tellémont”, “fire the bowls”.

    ``subject`` is empty when the question asks for it, ``auxiliary`` when the verb stands alone: “Who”, “”, “”, “won
    the prize”.
    """

    wh: str
    auxiliary: str
    subject: str
    predicate: str

    @property
    def head(self) -> str:
        """The question word, in lower case."""
        return next((word for word in self.wh.lower().split() if word in QUESTION_WORDS), "")

    @property
    def noun(self) -> str:
        """What is counted or chosen from: “special forces soldiers”; empty when nothing is named."""
        words = self.wh.split()
        at = next((at for at, word in enumerate(words) if word.lower() in QUESTION_WORDS), len(words))
        rest = words[at + 1 :]
        if self.head == "how":
            if not rest or rest[0].lower() not in {"many", "much"}:
                return ""
            rest = rest[1:]
        noun = " ".join(rest) if self.head in {"what", "which", "how"} else ""
        return re.sub(r"(?i)^of (?:the )?", "", noun)

    @property
    def asks_for_a_thing(self) -> bool:
        """Whether its answer has a place in the sentence: no time, place, reason or manner."""
        first = self.wh.split()[0].lower() if self.wh else ""
        has_noun = self.head == "how" and bool(re.match(r"(?i)how (many|much)\b", self.wh))
        return first not in PREPOSITIONS and (self.head in {"who", "whom", "what", "which"} or has_noun)

    def ask(self, wh: str, answer: str) -> str:
        """Ask something else of the same fact, ``answer`` in the place of what was asked for; it may be empty."""
        if not self.subject:
            subject = answer or "someone"
            if self.auxiliary:
                return f"{wh} {self.auxiliary} {subject} {self.predicate}"
            verb, _, rest = self.predicate.partition(" ")
            is_singular = verb.endswith("s") and base(verb) != verb
            auxiliary = "does" if is_singular else "did" if is_finite(verb) else "do"
            return f"{wh} {auxiliary} {subject} {base(verb)} {rest}"
        if not self.predicate and self.auxiliary in BE:
            if self.head in {"who", "whom"} and answer:
                return f"{wh} {self.auxiliary} {answer} {self.subject}"
            return f"{wh} {self.auxiliary} {self.subject}"
        return f"{wh} {self.auxiliary} {self.subject} {self._filled(answer)}"

    def state(self, answer: str) -> str:
        """The fact as a statement; empty when the answer is."""
        if not answer:
            return ""
        if not self.subject:
            return f"{answer} {self.auxiliary} {self.predicate}"
        if self.head == "why" and answer.split()[0].lower() not in PREPOSITIONS | {"because", "to"}:
            answer = f"because {answer}"
        predicate = self._filled(answer) if self.asks_for_a_thing else f"{self.predicate} {answer}"
        if self.auxiliary in DO:
            return f"{self.subject} {self._inflected(predicate)}"
        if not self.predicate:
            return f"{self.subject} {self.auxiliary} {answer}"
        return f"{self.subject} {self.auxiliary} {predicate}"

    def indirect(self) -> str:
        """The question inside of another one: “how much water the pipes lose”."""
        wh = self.wh[:1].lower() + self.wh[1:]
        if not self.subject:
            return f"{wh} {self.auxiliary} {self.predicate}"
        if self.auxiliary in DO:
            return f"{wh} {self.subject} {self._inflected(self.predicate)}"
        return f"{wh} {self.subject} {self.auxiliary} {self.predicate}"

    def again(self, wh: str) -> str:
        """The same question with other question words."""
        return f"{wh} {self.auxiliary} {self.subject} {self.predicate}"

    def without(self, phrase: str) -> "Clause":
        """The same question without these words in its predicate."""
        return replace(self, predicate=single_spaced(self.predicate.replace(phrase, "", 1)))

    def relative(self, noun: str = "", renamed: bool = False) -> str:
        """What is asked for, described by the question: “the books that the river ruined”; empty if it is no thing.

        ``noun`` is what to call it if the question doesn't, or in any case when ``renamed``.
        """
        noun = noun if renamed else self.noun or noun
        if not self.asks_for_a_thing or not noun:
            return ""
        if not self.predicate or self.predicate == "there":
            return f"the {noun}" if self.noun else ""
        predicate = self.predicate.partition(", ")[0]
        if not self.subject:
            link = "who" if noun in {"person", "people"} else "that"
            return f"the {noun} {link} {self.auxiliary} {predicate}"
        if self.auxiliary in DO:
            return f"the {noun} that {self.subject} {self._inflected(predicate)}"
        return f"the {noun} that {self.subject} {self.auxiliary} {predicate}"

    def _inflected(self, predicate: str) -> str:
        verb, _, rest = predicate.partition(" ")
        if self.auxiliary == "did":
            return f"{past(verb)} {rest}"
        return f"{verb}s {rest}" if self.auxiliary == "does" else predicate

    def _filled(self, answer: str) -> str:
        """The predicate with the answer where its object would be."""
        if not answer or not self.asks_for_a_thing:
            return self.predicate
        if self.head == "how" and len(answer.split()) < 3 and self.noun.split()[-1:] != answer.split()[-1:]:
            answer = f"{answer} {self.noun}".strip()
        words = self.predicate.split()
        if not words or words[-1] in PREPOSITIONS:
            return f"{self.predicate} {answer}"
        stops = (at for at, word in enumerate(words) if at and word in PREPOSITIONS | _TAIL | _LINKS)
        place = next(stops, len(words))
        return " ".join([*words[:place], answer, *words[place:]])


def parse(question: str) -> Clause | None:
    """Take a question apart; None when it doesn't begin with question words, or has no verb."""
    words = core(question).split()
    start = 1 if words and words[0].lower() in PREPOSITIONS else 0
    if words[:2] and [word.lower() for word in words[:2]] == ["according", "to"]:
        start = 2
    if len(words) <= start or words[start].lower() not in QUESTION_WORDS:
        return None
    return _with_auxiliary(words, start) or _without_auxiliary(words, start)


def _with_auxiliary(words: list[str], start: int) -> Clause | None:
    lower = [word.lower() for word in words]
    head = lower[start]
    limit = len(words) if head in {"what", "which", "how", "whose"} else start + 2
    at = next((at for at in range(start + 1, min(limit, len(words))) if bare_auxiliary(lower[at]) in AUXILIARIES), None)
    if at is None or any(word in _LINKS for word in lower[start + 1 : at]):
        return None
    finite = next((word for word in lower[start + 2 : at] if is_finite(word) and not word.endswith("s")), None)
    if finite and head != "how":
        return None
    wh, auxiliary, rest = " ".join(words[:at]), lower[at], words[at + 1 :]
    bare = bare_auxiliary(auxiliary)
    names_a_noun = at > start + (2 if head == "how" else 1) and (head != "how" or lower[start + 1] in {"many", "much"})
    may_lack_subject = not start and bare not in DO and (head == "who" or names_a_noun)
    after_not = rest[1:] if rest and rest[0].lower() == "not" else rest
    if may_lack_subject and _is_predicate(after_not):
        return Clause(wh, auxiliary, "", " ".join(rest))
    size = _subject(rest, bare)
    return Clause(wh, auxiliary, " ".join(rest[:size]), " ".join(rest[size:]))


def _without_auxiliary(words: list[str], start: int) -> Clause | None:
    head = words[start].lower()
    if head not in {"who", "what", "which", "how", "whose"}:
        return None
    first = start + 1 if head in {"who", "what"} else start + 2
    last = first + 1 if head in {"who", "what"} else len(words)
    at = next((at for at in range(first, min(last, len(words))) if _is_verb(words, at)), None)
    return None if at is None else Clause(" ".join(words[:at]), "", "", " ".join(words[at:]))


def _is_verb(words: list[str], at: int) -> bool:
    """Whether the verb of a question without an auxiliary stands here."""
    word, before = words[at], words[at - 1].lower()
    if not word.islower() or word in PREPOSITIONS:
        return False
    if is_base(word) and (before.endswith("s") or before == "people"):
        return True
    is_noun = word.endswith("s") and at + 1 < len(words) and is_finite(words[at + 1])
    return is_finite(word) and not is_noun


def bare_auxiliary(auxiliary: str) -> str:
    """The auxiliary without a contracted *not*."""
    return auxiliary.replace("n’t", "").replace("n't", "")


def _is_predicate(rest: list[str]) -> bool:
    """Whether these words follow their subject, as “elected mayor”, “in the box” and “not convinced” do."""
    if not rest:
        return False
    word = rest[0].lower()
    if word in DETERMINERS:
        return word == "the" and len(rest) > 1 and rest[1].lower() in {"first", "last", "most"}
    return word in PREPOSITIONS or word in _AFTER_SUBJECT or is_participle(word) or (is_base(word) and word != "back")


def _subject(rest: list[str], auxiliary: str) -> int:
    """How many words are the subject."""
    if not rest:
        return 0
    known = [word.lower() for word in rest]
    for at in range(1, len(rest)):
        word, before = known[at], known[at - 1]
        after = known[at + 1] if at + 1 < len(rest) else ""
        if before in DETERMINERS or before in {"of", "and"} or not rest[at][:1].islower():
            continue
        if before.endswith(("'s", "’s")) or (is_base(after) and rest[at - 1].islower()):
            continue
        if auxiliary in BE or auxiliary in {"has", "have", "had"}:
            if is_participle(word) or word in _AFTER_SUBJECT or (word in PREPOSITIONS and is_participle(before)):
                return at
        elif is_base(word) or word in {"not", "be", "have"}:
            return at
    if auxiliary in BE:
        return len(rest)
    for at in range(1, len(rest)):
        if rest[at][:1].islower() and known[at] not in PREPOSITIONS and is_name(rest[at - 1]) and known[at] != "and":
            return at
    objects = (at for at in range(2, len(rest)) if known[at] in DETERMINERS and known[at - 1] not in PREPOSITIONS)
    return next(objects, len(rest)) - 1 or 1


def noun_phrases(text: str) -> list[str]:
    """The noun phrases of a question, in order: “the town walls of Quillhaven”, “Storm Ottilie”."""
    phrases: list[list[str]] = []
    current: list[str] = []
    words = text.split()
    for at, word in enumerate(words):
        lower = bare_auxiliary(word.lower().strip(",;:?"))
        follows = words[at + 1] if at + 1 < len(words) else ""
        if lower == "that":
            phrases.append(current)
            current = []
        elif lower in DETERMINERS and (not current or current[-1].lower() not in {"of", "in", "for", "from", "at"}):
            phrases.append(current)
            current = [word]
        elif (lower in {"of", "&", "de", "la", "and"} and current and (follows[:1].isupper() or lower == "of")) or (
            lower in {"in", "for", "from", "at", "on"}
            and current
            and (is_name(follows) or follows == "the")
            and not is_participle(current[-1].lower())
        ):
            current.append(word)
        elif _ends_a_phrase(lower, word, current):
            phrases.append(current)
            current = []
        else:
            current.append(word.rstrip(",;:?"))
            if word[-1:] in ",;:?":
                phrases.append(current)
                current = []
    phrases.append(current)
    return [" ".join(_trimmed(phrase)) for phrase in phrases if _trimmed(phrase)]


def without_article(phrase: str) -> str:
    """The noun phrase without its article or other determiner."""
    words = phrase.split()
    return " ".join(words[1:] if words[0].lower() in DETERMINERS else words)


def _ends_a_phrase(lower: str, word: str, current: list[str]) -> bool:
    closed = AUXILIARIES | PREPOSITIONS | _LINKS | QUESTION_WORDS | _AFTER_SUBJECT | _SIZES
    if not word[:1].islower() and current:
        return False
    if current and current[-1].lower() in DETERMINERS and lower not in AUXILIARIES | PREPOSITIONS:
        return False
    if lower in closed or lower in {"many", "much", "not", "been", "be", "it", "he", "she", "they", "to", "there"}:
        return True
    if not word[:1].islower():
        return False
    if is_finite(lower) and not lower.endswith("s"):
        return True
    is_noun = current and current[0].lower() in DETERMINERS and current[-1].islower() and not current[-1].endswith("s")
    is_verb = is_base(lower) or is_participle(lower) or (is_finite(lower) and not current)
    return is_verb and not is_noun


def _trimmed(phrase: list[str]) -> list[str]:
    while phrase and (phrase[-1].lower() in DETERMINERS or phrase[-1].lower() in PREPOSITIONS or phrase[-1] == "and"):
        phrase = phrase[:-1]
    return phrase
