"""Attribution: who said what stands in an answer, where the article says so.

Rules over the paragraph, for English. A claim is a stretch of text that somebody is reported to say, and the words that
name who. Quotations are taken out of the paragraph first and read by themselves, so that what is said inside one is
kept apart from what is said about it. When in doubt there is no attribution.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article, Span
from index.sentences import sentences
from rag.english import speakers
from rag.english.reported_speech import CLOSE, OPEN, Claim, mask, reported
from rag.english.speakers import PERSONAL, PRONOUNS

_LONGEST_PARAGRAPH = 5000
"""Code points; in longer ones nothing is looked for."""

_QUOTATION = re.compile(
    r"“(?P<a>[^“”]*)(?:”|\Z)|„(?P<b>[^„“”]*)(?:[“”]|\Z)|«(?P<c>[^«»]*)(?:»|\Z)|\"(?P<d>[^\"]*)(?:\"|\Z)"
    r"|(?<!\w)‘(?P<e>(?:[^‘’]|’(?=\w))*?[,.!?…])’(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is reported to say something: ``text`` stands at ``start:end`` of the article's text, in code points."""

    text: str
    start: int
    end: int


def attribute(article: Article, start: int, end: int) -> Attribution | None:
    """Who is reported to say ``article.text[start:end]``; None when nobody is, or it is not clear who.

    The answer lies in what is reported, not in the words around it that name the speaker, the time or the hearer. In a
    report within a report, the nearest speaker counts. For a pronoun the name before it is given, if only one fits.
    """
    at = next((at for at, block in enumerate(article.blocks) if block.start <= start and end <= block.end), None)
    if at is None or article.blocks[at].kind == "row":
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
        first = paragraph.quotations[0] if paragraph.quotations else (high, high)
        goes_on = earlier is not None and earlier.is_open and first[0] <= low + 1
        return earlier.last_speaker() if earlier and goes_on and first[0] <= start and end <= first[1] else None
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
            self.masked = self.masked[:start] + mask(own[start:end]) + self.masked[end:]
            self.unquoted = self.unquoted[:start] + " " * (end - start) + self.unquoted[end:]

    def claims(self) -> list[Claim]:
        """Everything that is reported in the paragraph, in the text and in each of its quotations."""
        found = [_shifted(claim, self.low) for claim in self._outer()]
        for start, end in self.quotations:
            inside = self.own[start - self.low : end - self.low]
            for first, last in sentences(inside):
                found += [_shifted(claim, start) for claim in reported(inside, first, last)]
        return found

    def persons(self) -> list[tuple[Span, bool]]:
        """Who is named outside of the quotations, and whether that is sure."""
        found = speakers.persons(self.unquoted)
        return [((self.low + start, self.low + end), is_sure) for (start, end), is_sure in found]

    def last_speaker(self) -> Span | None:
        """Who says the last quotation."""
        spoken = [claim for claim in self.claims() if self.quotations and claim.high >= self.quotations[-1][1]]
        named = [claim.speaker for claim in spoken if self._words(claim.speaker).lower() not in PRONOUNS]
        return named[-1] if named and named[-1] == spoken[-1].speaker else None

    def _words(self, span: Span) -> str:
        return self.own[span[0] - self.low : span[1] - self.low]

    def _outer(self) -> Iterator[Claim]:
        teller: Span | None = None
        for low, high in sentences(self.masked):
            words = self.masked[low:high]
            is_quotation = re.fullmatch(rf"{OPEN}X[^“”\"«»]*{CLOSE}?", words) is not None
            claims = list(reported(self.masked, low, high))
            if is_quotation and teller:
                yield Claim(low, high, teller)
                continue
            yield from claims
            by_tag = [claim for claim in claims if claim.low == low and re.match(OPEN, words)]
            teller = by_tag[-1].speaker if by_tag else None


def _shifted(claim: Claim, by: int) -> Claim:
    first, last = claim.speaker
    return Claim(claim.low + by, claim.high + by, (first + by, last + by))
