"""Reported speech: what a sentence reports, and who said it ("the mayor said that …", "according to police, …").

English only. Quotations are masked first (:func:`mask`), so that their words don't count as those of the sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from index.article import Span
from rag.english import speakers
from rag.english.speakers import PRONOUNS

_MOST_REPORTS = 40
"""Verbs, or other signs of a report, that are looked at in a sentence: each may need a look at all of it."""

_LONGEST_SUBJECT = 8
"""Words before an inserted "the mayor said" that may be the subject of what follows."""

OPEN, CLOSE = r"[“„«\"‘]", r"[”“»\"’]"
_SAY = re.compile(
    r"\b(?:(?P<say>said|says|say|told|tells)|(?P<report>add(?:ed|s)|announce[ds]?|argue[ds]?|claim(?:ed|s)?|complain(?:ed|s)|"
    r"conceded?s?|conclude[ds]?|confirm(?:ed|s)|declare[ds]?|den(?:ied|ies)|explain(?:ed|s)|found|insist(?:ed|s)|joke[ds]|"
    r"maintain(?:ed|s)|note[ds]|admit(?:ted|s)|acknowledge[ds]|promise[ds]|recall(?:ed|s)|remark(?:ed|s)|repl(?:ied|ies)|"
    r"report(?:ed|s)|reveal(?:ed|s)|rule[ds]|show(?:ed|s)?|state[ds]|stress(?:ed|es)|suggest(?:ed|s)|testif(?:ied|ies)|"
    r"tweet(?:ed|s)|warn(?:ed|s)|wr(?:ote|ites))|(?P<bare>believe[ds]?|thinks?|thought|estimate[ds]?|predict(?:ed|s)?)|"
    r"(?P<quote>asked|answered|cried|muttered|shouted|whispered|called|described|branded|dubbed))\b"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_TIME = (
    rf"(?:\s+(?:(?:late |early )?(?:on )?{_DAY}(?: (?:morning|afternoon|evening|night))?|"
    r"(?:earlier )?(?:last|this) \w+|today|yesterday|again|later|"
    r"in a (?:\w+ )?(?:statement|interview|speech|report|letter|tweet|post)))*"
)
_THAT = re.compile(rf"(?:{_TIME}|(?:\s+(?:on|in|at|to|from|during|outside)\s[^,.;:!?“”\"]{{1,50}}?)?{_TIME})\s+that\b")
_DIRECTLY = re.compile(_TIME + r"\s+")
_NO_CLAUSE = re.compile(
    r"\s+(?:no|nothing|something|anything|so|yes|much|more|little)\s*(?:to|about|of|and|[.,!?]|\Z)|"
    r"\s+(?:goodbye|hello|farewell|sorry|grace|mass|amen|thanks?|(?:a )?prayers?|a (?:few )?words?|as much|"
    r"who|what|whether|when|how|why|which|where|if|to|of|about|it all|her|his|the (?:words?|same|truth|story))\b"
)
_HEARER = re.compile(
    r"\s+(?:(?:him|her|them|us|me|reporters|journalists|investors|lawmakers|parliament)\b|[A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*)*|"
    r"(?:a|an|the|his|her|its|their)(?:\s\w+){1,2}?(?=\s+(?:that|the|a|he|she|it|they)\b)|(?:\w+\s){0,4}?\w+(?=\s+that\b)|"
    r"(?:an?|the|his|her)\s[\w’' -]{1,40}?(?=\s*[,.:]))"
)
_TAIL = re.compile(
    r"(?:\s+(?:late|early|earlier|later|again|then|today|yesterday|(?:on|in|at|to|during|outside|after|before|from|of|"
    rf"last|this|{_DAY})\b[^,.;:!?–—“”\"«»]{{0,60}}))?\s*(?=[,.;:!?–—“”\"«»’](?!\d)|\Z)"
)
_FINITE = re.compile(
    r"\s(?:that|is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did)\b"
)
_BREAK = re.compile(
    r"[;–—]|,”?\s+(?:but|while|whereas|although|though|even as|after|as|despite|following|without|using|citing|"
    r"referring|according|days? after|a day after|who|whose|which|where|\w+ing that|adding|saying|"
    r"noting|warning|stressing)\b|"
    r"\s(?:but|while)\s"
)
_AND_THAT = re.compile(r"\sand that\s")
_RESUMED = re.compile(
    r",\s+(?:(?:but|and)\s+(?:also\s+)?(?:said|says|added|warned|noted)|adding|saying|noting|warning|stressing)"
    rf"(?P<that>{_TIME}\s+that\b)?"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+")
_GOES_ON = re.compile(
    r",?\s*(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did|\w+ed|\w+s)\s"
)
_CLAUSE = re.compile(r";\s|[–—]\s|,\s+(?:but|while|whereas)\s|:\s")


@dataclass(frozen=True, slots=True)
class Claim:
    """What ``speaker`` is reported to say: ``low:high``."""

    low: int
    high: int
    speaker: Span


def mask(words: str) -> str:
    """The words of a quotation as X and x, with the last mark and no other."""
    masked = re.sub(r"[^\W\d_]", "x", re.sub(r"[^\w\s]", ",", words[:-1])) + (
        words[-1:] if words[-1:] in ".,!?" else "x"[: len(words)]
    )
    return re.sub(r"\w", "X", masked, count=1)


def reported(text: str, low: int, high: int) -> Iterator[Claim]:
    """What is reported in one sentence."""
    found: list[Claim] = []
    for verb in islice(_SAY.finditer(text, low, high), _MOST_REPORTS):
        if (
            found
            and _RESUMED.match(text, text.rfind(",", low, verb.start()))
            and verb.start() - text.rfind(",", low, verb.start()) < 12
        ):
            continue
        found += _by_verb(text, low, high, verb, bool(found))
    for match in islice(_ACCORDING.finditer(text, low, high), _MOST_REPORTS):
        found += _by_source(text, low, high, match)
    for match in islice(_RESUMED.finditer(text, low, high), _MOST_REPORTS):
        speaker = found[-1].speaker if found else _subject(text, low, match.start())
        if speaker:
            found.append(Claim(match.end(), _until(text, match.end(), high), speaker))
    yield from found


def _subject(text: str, low: int, high: int) -> Span | None:
    """The name that a sentence begins with."""
    name = re.compile(r"[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*(?=\s[a-z]+(?:ed|s)\b)").match(text, low, high)
    span = name.span() if name else None
    return span if span and speakers.after(text, *span) == span else None


def _by_verb(text: str, low: int, high: int, verb: re.Match[str], is_nested: bool) -> Iterator[Claim]:
    """What is reported by one verb: before it, after it, or on both sides."""
    inverted = _inverted(text, low, high, verb)
    speaker = inverted or speakers.before(text, low, verb.start())
    if speaker is None or _is_supposed(text, low, speaker[0]):
        return
    if verb.lastgroup == "bare" and not speakers.is_known(text, speaker):
        return
    rest = speaker[1] if inverted else verb.end()
    hearer = _HEARER.match(text, rest, high) if verb[0] in {"told", "tells"} else None
    rest = hearer.end() if hearer else rest
    tail = _TAIL.match(text, rest, high)
    is_tail = inverted is not None or (tail is not None and not _FINITE.search(tail[0]))
    if tail is None and inverted:
        tail = re.compile(r"[^,.;:!?–—“”\"«»]*").match(text, rest, high)
    first = min(speaker[0], verb.start())
    if is_tail and tail:
        yield from _around(text, low, high, first, tail.end(), speaker)
    if not is_tail or verb.lastgroup == "quote":
        yield from _complement(text, rest, high, verb, speaker, is_nested)


def _inverted(text: str, low: int, high: int, verb: re.Match[str]) -> Span | None:
    """The speaker in "…," said Ann Lee."""
    before = text[low : verb.start()].rstrip()
    is_quoted = re.search(CLOSE + r"\s*\Z", before) is not None
    if not (is_quoted or before.endswith(",")) or verb.end() >= high:
        return None
    span = speakers.after(text, verb.end(), high)
    if span is None or (text[slice(*span)].lower() in PRONOUNS and not is_quoted):
        return None
    follows = re.match(r"\s*(?:[,.;:!?–—]|\Z|(?:of|for|from|in|at|on|after|who|when|as)\b)", text[span[1] : high])
    return span if follows and (is_quoted or speakers.is_known(text, span)) else None


def _is_supposed(text: str, low: int, first: int) -> bool:
    """Whether the claim is only thought of: "if the doctor says"."""
    return re.search(r"\b(?:[Ii]f|[Ww]hether|[Uu]nless|[Uu]ntil|[Ll]et)\s+\Z", text[low:first]) is not None


def _around(text: str, low: int, high: int, first: int, last: int, speaker: Span) -> Iterator[Claim]:
    """The claims beside an inserted "the mayor said" that takes ``first:last``."""
    cuts = [match.end() for match in _CLAUSE.finditer(text, low, first) if match.end() < first - 1]
    start = cuts[-1] if cuts else low
    before = text[start:first].rstrip()
    has_before = re.search(rf"(?:{CLOSE}|[,–—])\s*\Z", before) is not None
    if has_before:
        yield Claim(start, start + len(before), speaker)
    quoted = re.compile(rf"\s*[,:]?\s*{OPEN}X[^“”\"«»]*{CLOSE}?").match(text, last, high)
    if quoted and (has_before or re.match(r"\s*[,:]", quoted[0])):
        yield Claim(last, quoted.end(), speaker)
    elif text[first:].startswith("As ") or re.search(r"(?:\A|[,;]\s)[Aa]s\s+\Z", text[low:first]):
        yield Claim(last, _until(text, min(last + 1, high), high), speaker)
    elif has_before and text[last : last + 1] == before[-1] == "," and _is_interrupted(before, text[last:high]):
        yield Claim(last, _until(text, last + 1, high), speaker)


def _is_interrupted(before: str, after: str) -> bool:
    """Whether a subject stands before "the mayor said" and its verb behind."""
    return len(before.split()) < _LONGEST_SUBJECT and not _FINITE.search(before) and _GOES_ON.match(after) is not None


def _complement(
    text: str, rest: int, high: int, verb: re.Match[str], speaker: Span, is_nested: bool
) -> Iterator[Claim]:
    """The clause or quotation after a verb."""
    if verb.lastgroup == "quote":
        quoted = re.compile(rf"[^“”\"«».,;:]*{OPEN}X[^“”\"«»]*{CLOSE}?").match(text, rest, high)
        if quoted and verb[0] in {"called", "described", "branded", "dubbed"}:
            yield Claim(quoted.start() + re.search(OPEN, quoted[0]).start(), quoted.end(), speaker)  # type: ignore[union-attr]
        return
    that = _THAT.match(text, rest, high)
    directly = _DIRECTLY.match(text, rest, high)
    start = that.end() if that else directly.end() if directly else rest
    if not that and (verb.lastgroup == "report" or _NO_CLAUSE.match(text, rest, high)):
        return
    if not that and verb[0] in {"told", "tells"} and not _HEARER.match(text, verb.end(), high):
        return
    if re.match(r"\s*(?:to|of|about)\b", text[start:high]):
        return
    yield Claim(start, _until(text, start, high, is_nested), speaker)


def _by_source(text: str, low: int, high: int, match: re.Match[str]) -> Iterator[Claim]:
    """What is reported by "according to"."""
    speaker = speakers.after(text, match.end(), high)
    if speaker is None or text[slice(*speaker)].lower() in PRONOUNS or not speakers.is_known(text, speaker):
        return
    before = text[low : match.start()]
    is_first = re.search(r"(?:\A\W*|[;–—]\s|\b(?:and|but|that|while)\s)\Z", before) is not None
    if is_first:
        comma = re.compile(r"[^.;:!?“”\"]*?,").match(text, speaker[1], high)
        if comma:
            yield Claim(comma.end(), _until(text, comma.end(), high), speaker)
    elif before.rstrip().endswith(","):
        yield from _around(text, low, high, match.start(), speaker[1], speaker)
    elif re.match(r"\s*[.]?\s*\Z", text[speaker[1] : high]):
        yield Claim(low, match.start(), speaker)


def _until(text: str, start: int, high: int, is_nested: bool = False) -> int:
    """The end up to which a reported clause that begins at ``start`` certainly reaches."""
    ends = [
        match.start()
        for match in (_BREAK.search(text, start, high), is_nested and _AND_THAT.search(text, start, high))
        if match
    ]
    return min(ends, default=high)
