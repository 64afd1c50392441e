"""Who said it: the speaker of the words around an answer, where the article says so.

Rules over the paragraph, for English. A claim is a stretch of text that somebody is reported to say, and the words that
name who. Quotations are taken out of the paragraph first and read by themselves, so that what is said inside one is
told from what is said about it. When in doubt there is no attribution.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article
from index.sentences import sentences
from rag import speakers
from rag.speakers import PERSONAL, PRONOUNS, Span

_LONGEST_SUBJECT = 8
_LONGEST_PARAGRAPH = 5000
"""Code points; in longer ones nothing is looked for."""

_QUOTATION = re.compile(
    r"“(?P<a>[^“”]*)(?:”|\Z)|„(?P<b>[^„“”]*)(?:[“”]|\Z)|«(?P<c>[^«»]*)(?:»|\Z)|\"(?P<d>[^\"]*)(?:\"|\Z)"
    r"|(?<!\w)‘(?P<e>(?:[^‘’]|’(?=\w))*?[,.!?…])’(?!\w)"
)
_OPEN, _CLOSE = r"[“„«\"‘]", r"[”“»\"’]"
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
class Attribution:
    """Who is reported to say something: ``text`` stands at ``start:end`` of the article's text, in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """What ``speaker`` is reported to say: ``low:high``."""

    low: int
    high: int
    speaker: Span


def attribute(article: Article, start: int, end: int) -> Attribution | None:
    """Who is reported to say ``article.text[start:end]``; None when nobody is, or it is not clear who.

    The answer lies in what is reported, not in the words around it that tell who said so, when and to whom. In a
    report within a report, the nearest speaker counts. For a pronoun the name before it is given, if only one fits.
    """
    at = next((at for at, block in enumerate(article.blocks) if block.start <= start and end <= block.end), None)
    if at is None:
        return None
    blocks = [(block.start, block.end) for block in article.blocks[max(0, at - 1) : at + 1]]
    if any(high - low > _LONGEST_PARAGRAPH for low, high in blocks):
        return None
    speaker = _speaker_of(article.text, blocks, start, end)
    return Attribution(article.text[slice(*speaker)], *speaker) if speaker else None


def _speaker_of(text: str, blocks: list[Span], start: int, end: int) -> Span | None:
    low, high = blocks[-1]
    paragraph = _Paragraph(text, low, high)
    claims = [claim for claim in paragraph.claims() if claim.low <= start and end <= claim.high]
    if not claims:
        earlier = _Paragraph(text, *blocks[0]) if len(blocks) > 1 else None
        quoted = paragraph.quotations[:1]
        if (
            earlier
            and earlier.is_open
            and quoted
            and quoted[0][0] <= low + 1
            and start >= quoted[0][0]
            and end <= quoted[0][1]
        ):
            return earlier.last_speaker()
        return None
    claim = min(claims, key=lambda claim: claim.high - claim.low)
    word = text[slice(*claim.speaker)].lower()
    if word not in PRONOUNS:
        return claim.speaker
    return _antecedent(text, word, claim.speaker[0], paragraph, blocks)


def _antecedent(text: str, pronoun: str, at: int, paragraph: "_Paragraph", blocks: list[Span]) -> Span | None:
    """What a pronoun stands for: the only person named before it, or who spoke in the sentence before."""
    before = [_Paragraph(text, *block) for block in blocks[:-1]]
    if pronoun in PERSONAL:
        named = [person for part in [*before, paragraph] for person in part.persons() if person[0][1] <= at]
        surnames = {text[slice(*span)].split()[-1] for span, _ in named}
        sure = [span for span, is_sure in named if is_sure]
        longest = max(sure, key=lambda span: len(text[slice(*span)].split()), default=None)
        return longest if len(surnames) == 1 else None
    spoke = [claim.speaker for part in [*before, paragraph] for claim in part.claims() if claim.speaker[1] <= at]
    last = max(spoke, default=None)
    if last is None or text[slice(*last)].lower() in PRONOUNS or speakers.is_plural(text, last) != (pronoun == "they"):
        return None
    return None if pronoun == "it" and speakers.is_person(text, last) else last


class _Paragraph:
    """A paragraph whose quotations are found and masked by letters without meaning."""

    def __init__(self, text: str, low: int, high: int) -> None:
        self.low, self.high = low, high
        own = re.sub(r"\s", " ", text[low:high])
        spans = [match.span(match.lastgroup or 0) for match in _QUOTATION.finditer(own)]
        self.quotations = [(low + start, low + end) for start, end in spans if start < end]
        self.is_open = bool(spans) and spans[-1][1] == len(own)
        self.own = own
        self.masked = self.unquoted = own
        for start, end in spans:
            self.masked = self.masked[:start] + _mask(own[start:end]) + self.masked[end:]
            self.unquoted = self.unquoted[:start] + " " * (end - start) + self.unquoted[end:]

    def claims(self) -> list[_Claim]:
        """Everything that is reported in the paragraph, in the text and in each of its quotations."""
        found = [_shifted(claim, self.low) for claim in self._outer()]
        for start, end in self.quotations:
            inside = self.own[start - self.low : end - self.low]
            for first, last in sentences(inside):
                found += [_shifted(claim, start) for claim in _claims(inside, first, last)]
        return found

    def persons(self) -> list[tuple[Span, bool]]:
        """Who is named outside of the quotations, and whether that is sure."""
        found = speakers.persons(self.unquoted)
        return [((self.low + start, self.low + end), is_sure) for (start, end), is_sure in found]

    def last_speaker(self) -> Span | None:
        """Who says the last quotation."""
        spoken = [claim for claim in self.claims() if self.quotations and claim.high >= self.quotations[-1][1]]
        speaker = spoken[-1].speaker if spoken else None
        return (
            speaker
            if speaker and self.own[speaker[0] - self.low : speaker[1] - self.low].lower() not in PRONOUNS
            else None
        )

    def _outer(self) -> Iterator[_Claim]:
        told: Span | None = None
        for low, high in sentences(self.masked):
            words = self.masked[low:high]
            is_quotation = re.fullmatch(rf"{_OPEN}X[^“”\"«»]*{_CLOSE}?", words) is not None
            claims = list(_claims(self.masked, low, high))
            if is_quotation and told:
                yield _Claim(low, high, told)
                continue
            yield from claims
            by_tag = [claim for claim in claims if claim.low == low and re.match(_OPEN, words)]
            told = by_tag[-1].speaker if by_tag else None


def _shifted(claim: _Claim, by: int) -> _Claim:
    first, last = claim.speaker
    return _Claim(claim.low + by, claim.high + by, (first + by, last + by))


def _mask(words: str) -> str:
    """Words as X and x, with the last mark and no other."""
    masked = re.sub(r"[^\W\d_]", "x", re.sub(r"[^\w\s]", ",", words[:-1])) + (
        words[-1:] if words[-1:] in ".,!?" else "x"[: len(words)]
    )
    return re.sub(r"\w", "X", masked, count=1)


def _claims(text: str, low: int, high: int) -> Iterator[_Claim]:
    """What is reported in one sentence."""
    found: list[_Claim] = []
    for verb in _SAY.finditer(text, low, high):
        if (
            found
            and _RESUMED.match(text, text.rfind(",", low, verb.start()))
            and verb.start() - text.rfind(",", low, verb.start()) < 12
        ):
            continue
        found += _by_verb(text, low, high, verb, bool(found))
    for match in _ACCORDING.finditer(text, low, high):
        found += _by_source(text, low, high, match)
    for match in _RESUMED.finditer(text, low, high):
        speaker = found[-1].speaker if found else _subject(text, low, match.start())
        if speaker:
            found.append(_Claim(match.end(), _until(text, match.end(), high), speaker))
    yield from found


def _subject(text: str, low: int, high: int) -> Span | None:
    """The name that a sentence begins with."""
    name = re.compile(r"[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*(?=\s[a-z]+(?:ed|s)\b)").match(text, low, high)
    span = name.span() if name else None
    return span if span and speakers.after(text, *span) == span else None


def _by_verb(text: str, low: int, high: int, verb: re.Match[str], is_nested: bool) -> Iterator[_Claim]:
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
    is_quoted = re.search(_CLOSE + r"\s*\Z", before) is not None
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


def _around(text: str, low: int, high: int, first: int, last: int, speaker: Span) -> Iterator[_Claim]:
    """The claims beside an inserted "the mayor said" that takes ``first:last``."""
    cuts = [match.end() for match in _CLAUSE.finditer(text, low, first) if match.end() < first - 1]
    start = cuts[-1] if cuts else low
    before = text[start:first].rstrip()
    has_before = re.search(rf"(?:{_CLOSE}|[,–—])\s*\Z", before) is not None
    if has_before:
        yield _Claim(start, start + len(before), speaker)
    quoted = re.compile(rf"\s*[,:]?\s*{_OPEN}X[^“”\"«»]*{_CLOSE}?").match(text, last, high)
    if quoted and (has_before or re.match(r"\s*[,:]", quoted[0])):
        yield _Claim(last, quoted.end(), speaker)
    elif text[first:].startswith("As ") or re.search(r"(?:\A|[,;]\s)[Aa]s\s+\Z", text[low:first]):
        yield _Claim(last, _until(text, min(last + 1, high), high), speaker)
    elif has_before and text[last : last + 1] == before[-1] == "," and _is_interrupted(before, text[last:high]):
        yield _Claim(last, _until(text, last + 1, high), speaker)


def _is_interrupted(before: str, after: str) -> bool:
    """Whether a subject stands before "the mayor said" and its verb behind."""
    return len(before.split()) < _LONGEST_SUBJECT and not _FINITE.search(before) and _GOES_ON.match(after) is not None


def _complement(
    text: str, rest: int, high: int, verb: re.Match[str], speaker: Span, is_nested: bool
) -> Iterator[_Claim]:
    """The clause or quotation after a verb."""
    if verb.lastgroup == "quote":
        quoted = re.compile(rf"[^“”\"«».,;:]*{_OPEN}X[^“”\"«»]*{_CLOSE}?").match(text, rest, high)
        if quoted and verb[0] in {"called", "described", "branded", "dubbed"}:
            yield _Claim(quoted.start() + re.search(_OPEN, quoted[0]).start(), quoted.end(), speaker)  # type: ignore[union-attr]
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
    yield _Claim(start, _until(text, start, high, is_nested), speaker)


def _by_source(text: str, low: int, high: int, match: re.Match[str]) -> Iterator[_Claim]:
    """What is reported by "according to"."""
    speaker = speakers.after(text, match.end(), high)
    if speaker is None or text[slice(*speaker)].lower() in PRONOUNS or not speakers.is_known(text, speaker):
        return
    before = text[low : match.start()]
    is_first = re.search(r"(?:\A\W*|[;–—]\s|\b(?:and|but|that|while)\s)\Z", before) is not None
    if is_first:
        comma = re.compile(r"[^.;:!?“”\"]*?,").match(text, speaker[1], high)
        if comma:
            yield _Claim(comma.end(), _until(text, comma.end(), high), speaker)
    elif before.rstrip().endswith(","):
        yield from _around(text, low, high, match.start(), speaker[1], speaker)
    elif re.match(r"\s*[.]?\s*\Z", text[speaker[1] : high]):
        yield _Claim(low, match.start(), speaker)


def _until(text: str, start: int, high: int, is_nested: bool = False) -> int:
    """Where a reported clause that begins at ``start`` is sure to go on to."""
    ends = [
        match.start()
        for match in (_BREAK.search(text, start, high), is_nested and _AND_THAT.search(text, start, high))
        if match
    ]
    return min(ends, default=high)
