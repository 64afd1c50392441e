"""Noun phrases that can name a speaker: "a senior U.S. official", "Ann Lee", "researchers at the university", "she".

English only. All spans are offsets into the text that is given.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from index.article import Span
from rag.english.calendar_names import DAY_NAMES, MONTH_NAME, MONTH_NAMES

PERSONAL = frozenset({"he", "she"})
PRONOUNS = frozenset({"he", "she", "they", "it"})

_TOKEN = re.compile(
    r"\w(?:[\w.'’&-]*\w)?(?:(?<=[A-Z])\.(?=\s+[A-Za-z])|(?<=\b(?:Mr|Ms|Dr|St|Lt))\.|(?<=\bMrs|\bGen|\bSen|\bRep|\bGov|\bCol|\bSgt)\.|(?<=\bProf|\bCapt)\.)?|[^\w\s]"
)
_WORDS = str.split

_DETERMINERS = frozenset(
    _WORDS(
        "the a an one two three four five six some many most several other another his her its their our my this these "
        "those both all each"
    )
)
_PREPOSITIONS = frozenset(_WORDS("of for at from in with by on near to under close"))
_STOPS = frozenset(
    _WORDS(
        "is are was were be been being am will would can could may might must shall should do does did has have had "
        "and but or nor so yet that which who whom whose what when where why how if whether because although though "
        "while as than since until unless after before not into onto about over between through against without i we "
        "you me us him them myself himself herself said says say told tells never neither"
    )
)
_DENYING = frozenset(_WORDS("nobody none nothing few neither hardly"))
_NOR = re.compile(r"\bnor\s+$", re.IGNORECASE)
_NOBODY = frozenset(
    _WORDS("nobody none everyone everybody someone somebody anyone anybody people one others nothing it")
)
_ADVERBS = frozenset(
    _WORDS(
        "also later earlier then has have had previously repeatedly already often once now still first again just "
        "always since long today yesterday himself herself itself"
    )
)
_ADVERBS_FIRST = _WORDS(
    "Meanwhile However Earlier Later Still Then Now Yesterday Today Also But And Yet So Moreover Instead Indeed"
)
_NO_NAMES = frozenset([*DAY_NAMES, *MONTH_NAMES, *_ADVERBS_FIRST])
_OPENERS = frozenset(
    _WORDS(
        "Meanwhile However Earlier Later Still Then Now Yesterday Today Also But And Yet So Moreover Instead Indeed On "
        "In At After Before During By From For With When While If Although Though Since Despite Last Even Separately As"
    )
)
ROLES = frozenset(
    _WORDS(
        "official officials spokesman spokeswoman spokesperson minister president chancellor premier secretary mayor "
        "governor senator lawmaker lawmakers police firefighters agency company ministry government army navy court "
        "council commission committee department office union party bank report study survey poll data figures records "
        "documents statement newspaper magazine researchers researcher scientists scientist author authors doctor "
        "doctors professor coach captain chief director manager judge lawyer lawyers prosecutors prosecutor witness "
        "witnesses residents resident neighbour neighbours neighbor neighbors critics critic analysts analyst "
        "economists economist experts expert investigators inspectors auditors engineers engineer historian historians "
        "farmer farmers teacher student students nurse pilot owner founder head chairman chairwoman leader leaders "
        "general colonel king queen prince princess pope bishop brigade guard service team group source sources media "
        "operator maker airline museum university institute organization organisation charity club sheriff ambassador "
        "diplomat diplomats deputy aide adviser activist activists mother father brother sister son daughter wife "
        "husband friend man woman boy girl boss executive executives staff workers worker people person board bureau "
        "center centre foundation association federation society network observatory brigade authorities authority "
        "estimates statistics census forecasters law"
    )
)
_ROLE_ENDINGS = ("er", "ers", "or", "ors", "ist", "ists", "ian", "ians", "man", "men", "woman", "women", "ant", "ants")
_NO_PERSON = frozenset(
    _WORDS(
        "North South East West New Great United Republic Sri San Saint Los Las Rio Costa Hong Saudi Sierra Puerto "
        "Kingdom States Bank University Ministry Department Institute Council House Court School Museum Church Agency "
        "International Organization Organisation Company Union Committee Commission Office Service Party Group Press "
        "Times Post Herald Tribune Daily News Red Cross World Health Nations European Association Foundation Center "
        "Centre College Society Federation Parliament Congress Senate Army Navy Force Police River Lake Sea Street "
        "Square Island Islands Mountain City County State Award Prize Act Korea Korean Kong Energy Foods Shipping "
        "Corp Co Inc Ltd Plc PLC SA AG NV GmbH Holdings "
        "Statistics Board Bureau Club Duke Prince Bishop King Queen Secretary Minister President Director Head Chief"
    )
)
_LONGEST = 14
"""Words in a noun phrase."""

_FARTHEST = 400
"""Characters between a verb and its subject."""

_TIME_BEFORE = re.compile(
    rf"\s+(?:(?:late |early )?on (?:\w+ )?(?:{'|'.join(DAY_NAMES)})(?: \w+)?|(?:last|this|earlier this) \w+|"
    rf"in {MONTH_NAME}|today|yesterday)\s*\Z"
)


def before(text: str, low: int, end: int) -> Span | None:
    """The noun phrase that ends at ``end``, adverbs and appositions between them left out; None when unsure."""
    low = max(low, end - _FARTHEST)
    end = low + len(_TIME_BEFORE.sub("", text[low:end]).rstrip())
    tokens = _tokens(text, low, end)
    while tokens and (_word(text, tokens[-1]) in _ADVERBS or text[slice(*tokens[-1])].endswith("ly")):
        tokens.pop()
    if tokens and _word(text, tokens[-1]) == ",":
        tokens = _before_apposition(text, tokens)
    phrase: list[Span] = []
    while tokens and len(phrase) < _LONGEST and _continues(text, tokens, phrase):
        phrase.insert(0, tokens.pop())
    if phrase and tokens and _word(text, phrase[0]) in _DETERMINERS and not _opens(text, tokens[-1]):
        return None
    return _speaker(text, phrase)


def after(text: str, start: int, high: int) -> Span | None:
    """The noun phrase that begins at ``start`` and goes on to a mark, a preposition's end or a new clause."""
    phrase: list[Span] = []
    for token in _tokens(text, start, high):
        word = _word(text, token)
        if not word[0].isalnum() or word in _STOPS or len(phrase) == _LONGEST:
            break
        phrase.append(token)
    return _speaker(text, phrase)


def is_known(text: str, span: Span) -> bool:
    """Whether a phrase names somebody, or a role, office or document that is known to say things."""
    words = _WORDS(text[slice(*span)])
    head = _head(words)
    return head[:1].isupper() or head in ROLES or head.endswith(_ROLE_ENDINGS)


def is_plural(text: str, span: Span) -> bool:
    """Whether "they" may stand for it."""
    words = _WORDS(text[slice(*span)])
    head = _head(words)
    return (
        " and " in text[slice(*span)]
        or head == "police"
        or (head[:1].islower() and head.endswith(("s", "men", "people")))
    )


def is_person(text: str, span: Span) -> bool:
    """Whether a phrase looks like the name of a person, with or without a role before it."""
    words = _WORDS(text[slice(*span)])
    names = [word for word in words[-2:] if word[0].isupper()]
    return bool(names) and words[0].lower() not in _DETERMINERS and not _NO_PERSON & set(words[-2:])


def persons(text: str) -> list[tuple[Span, bool]]:
    """Who is named in a text, with their roles, and whether it is sure to be a name: "Coffee" may begin a sentence."""
    tokens = _tokens(text, 0, len(text))
    found: list[tuple[Span, bool]] = []
    for is_name, group in groupby(range(len(tokens)), lambda at: _is_name(text[slice(*tokens[at])])):
        if is_name:
            places = list(group)
            found += _person(text, tokens, places[0], places[-1])
    return found


def _is_name(word: str) -> bool:
    is_common = word in _NO_NAMES | _OPENERS or word.lower() in _DETERMINERS | _STOPS | PRONOUNS
    return word[0].isupper() and not is_common


def _person(text: str, tokens: list[Span], first: int, last: int) -> Iterator[tuple[Span, bool]]:
    names = [text[slice(*token)] for token in tokens[first : last + 1]]
    before = _word(text, tokens[first - 1]) if first else "."
    is_thing = before in _PREPOSITIONS or before == "the" or names[-1].isupper() or names[-1].endswith(("'s", "’s"))
    if is_thing or _NO_PERSON & set(names[-2:]):
        return
    with_role = first
    while with_role and _word(text, tokens[with_role - 1]) in ROLES:
        with_role -= 1
    is_sure = len(names) > 1 or with_role < first
    if is_sure or (not before[0].isalnum() and before != "," and not names[0].endswith("s")):
        yield (tokens[with_role][0], tokens[last][1]), is_sure


def _tokens(text: str, low: int, high: int) -> list[Span]:
    return [match.span() for match in _TOKEN.finditer(text, low, high)]


def _opens(text: str, token: Span) -> bool:
    """Whether a new noun phrase may begin behind a word: a conjunction, a mark, an adverb, a date."""
    word, raw = _word(text, token), text[slice(*token)]
    return word in _STOPS | _ADVERBS or raw in _OPENERS | _NO_NAMES or not raw.isalpha()


def _word(text: str, token: Span) -> str:
    return text[slice(*token)].lower()


def _before_apposition(text: str, tokens: list[Span]) -> list[Span]:
    """The words before ", the mayor," or ", who leads it,": those before the first comma that ends no opening."""
    first = 0
    for at, token in enumerate(tokens[:-1]):
        if _word(text, token) in {";", ":", "–", "—"}:
            first = at + 1
        if _word(text, token) == "," and at > first:
            if text[slice(*tokens[first])] not in _OPENERS:
                return tokens[first:at]
            first = at + 1
    return []


def _continues(text: str, tokens: list[Span], phrase: list[Span]) -> bool:
    """Whether the last of ``tokens`` belongs to the noun phrase that goes on with ``phrase``."""
    word, raw = _word(text, tokens[-1]), text[slice(*tokens[-1])]
    if phrase and _word(text, phrase[0]) in PRONOUNS:
        return False
    if word == "and" and phrase and len(tokens) > 1:
        left, right = text[slice(*tokens[-2])], text[slice(*phrase[0])]
        both_names = left[0].isupper() and right[0].isupper() and left not in _NO_NAMES
        return both_names or (left.lower() in ROLES and right in ROLES)
    if phrase and _word(text, phrase[0]) in _DETERMINERS and word not in _PREPOSITIONS:
        return False
    return raw[0].isalnum() and word not in _STOPS and raw not in _OPENERS


def _speaker(text: str, phrase: list[Span]) -> Span | None:
    words = [text[slice(*token)] for token in phrase]
    while words and (words[0].lower() in _PREPOSITIONS or words[0] in _NO_NAMES):
        words, phrase = words[1:], phrase[1:]
    while words and words[-1].lower() in _PREPOSITIONS:
        words, phrase = words[:-1], phrase[:-1]
    if not words or words[0].lower() in _DENYING or _NOR.search(text, max(0, phrase[0][0] - 8), phrase[0][0]):
        return None
    if words[0].lower() in PRONOUNS:
        return phrase[0] if len(words) == 1 else None
    count = _head_count(words)
    head = words[count - 1]
    is_name = head[0].isupper() and not (count == 1 and head.lower() in ROLES)
    if is_name and not _NO_PERSON & set(words[:count]) and words[0].lower() not in _DETERMINERS:
        phrase = phrase[:count]
    elif head in _DETERMINERS or (head.lower() in _NOBODY and (head != "people" or count == len(words))):
        return None
    is_noun = head.isalpha() or "-" in head
    starts_well = words[0].lower() in _DETERMINERS or any(word.endswith(("'s", "’s")) for word in words)
    speaks = is_name or (is_noun and (starts_well or head in ROLES or head.endswith(("s", *_ROLE_ENDINGS))))
    return (phrase[0][0], phrase[-1][1]) if speaks and head not in _NO_NAMES else None


def _head_count(words: list[str]) -> int:
    """How many words there are up to the first preposition."""
    return next(
        (at for at, word in enumerate(words) if at and word.lower() in {*_PREPOSITIONS, "led", "familiar"}), len(words)
    )


def _head(words: list[str]) -> str:
    return words[_head_count(words) - 1]
