"""An answer as a message that people read in a chat: the same words in every dialect.

The short answer comes first, with the numbers of its sources; then each quote, and under it who said it, where, when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from api.chat.markdown import escaped, linked, on_a_line, one_line, strong
from api.http.links import Links
from api.http.remarks import NO_ANSWER, NONE_FOUND, in_english, page_in_words, remark, resolved
from index.article import Article, Span
from index.passage_text import cells_of
from rag.answerer import Answer, Result
from rag.citing.citation import Citation
from rag.citing.quotes import Quote

_NEAREST = "The nearest passage, which may not answer it:"

_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A quote that an answer rests on. ``number`` is its name in the text: 1 is written ``[1]``.

    ``link`` and ``long_link`` open the article with the quote marked; ``article`` is None where it was not read.
    """

    number: int
    answer: Answer
    citation: Citation
    link: str
    long_link: str
    article: Article | None

    @property
    def media_type(self) -> str:
        """That of the article's file."""
        return self.article.media_type if self.article else "text/plain"

    @property
    def path(self) -> str | None:
        """Where the article's file was, below the folder that was indexed."""
        return self.article.path if self.article else None


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of a source behind the words it supports: ``text[start:end]`` of the message, in code points."""

    start: int
    end: int
    source: Source


@dataclass(frozen=True, slots=True)
class Message:
    """What is said. ``pieces`` make up the text; ``marks`` has one mark for each of ``sources``, in their order.

    ``result`` is None when nothing was searched.
    """

    pieces: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    marks: tuple[Mark, ...] = ()
    result: Result | None = None

    @property
    def text(self) -> str:
        """The whole text, in Markdown."""
        return "".join(self.pieces)


def compose(result: Result, links: Links) -> Message:
    """The message for a result. Without an answer it has no sources, because nothing is cited."""
    notes = tuple(f"\n\n{warning.message}" for warning in result.warnings)
    if not result.answers:
        return Message((*_no_answer(result, links), *notes), result=result)
    sources = _numbered(result, links)
    head, marks = _head(result.answers, sources)
    beside = remark(result)
    head += f"\n\n{on_a_line(escaped(beside))}" if beside else ""
    groups = groupby(sources, key=lambda source: _wording(source.citation))
    quotations = (_quotation(list(group)) for _, group in groups)
    return Message((head, *quotations, *notes), tuple(sources), tuple(marks), result)


def _numbered(result: Result, links: Links) -> list[Source]:
    """A source for each quote; quotes of the same words follow each other."""
    articles = _articles(result)
    chosen: dict[_Place, tuple[Answer, Citation]] = {}
    for answer in result.answers:
        for citation in answer.citations:
            chosen.setdefault(_place(citation), (answer, citation))
    wordings = list(dict.fromkeys(_wording(citation) for _, citation in chosen.values()))
    ranked = sorted(chosen.values(), key=lambda pair: wordings.index(_wording(pair[1])))
    sources = []
    for number, (answer, citation) in enumerate(ranked, 1):
        article = articles.get(citation.article_id)
        sources.append(Source(number, answer, citation, links.citation(citation), links.long(citation), article))
    return sources


def _articles(result: Result) -> dict[str, Article]:
    return {found.article.id: found.article for found in result.passages}


def _place(citation: Citation) -> _Place:
    return citation.article_id, citation.quote_start, citation.quote_end


def _wording(citation: Citation) -> str:
    return one_line(citation.quote).strip()


def _head(answers: Sequence[Answer], sources: Sequence[Source]) -> tuple[str, list[Mark]]:
    """The answers in short, the best one on a line of its own, and where the numbers stand."""
    at = {_place(source.citation): source for source in sources}
    marks: dict[int, Mark] = {}
    text = ""
    for rank, answer in enumerate(answers):
        text += ("", "\n\nAlso found: ")[rank] if rank < 2 else "; "
        day = resolved(answer)
        said = f"{_verdict(answer)}{strong(answer.text)}{f' ({day})' if day else ''}"
        text += f"{said if text else on_a_line(said)} "
        for source in dict.fromkeys(at[_place(citation)] for citation in answer.citations):
            number = f"[{source.number}]"
            marks.setdefault(source.number, Mark(len(text), len(text) + len(number), source))
            text += number
    return text + _items(answers, sources), [marks[source.number] for source in sources]


def _verdict(answer: Answer) -> str:
    """“Yes: ” or “No: ” before the clause that says so, and who chose it where an editor did."""
    if answer.is_curated:
        return "Chosen by an editor: "
    return f"{answer.verdict.capitalize()}: " if answer.verdict else ""


def _items(answers: Sequence[Answer], sources: Sequence[Source]) -> str:
    """The items of the first answer as a list, each with the number of its source."""
    if not answers[0].is_list:
        return ""
    numbers = {_place(source.citation): source.number for source in sources}
    lines = []
    for part in answers[0].parts:
        number = numbers.get(_place(part.citation))
        lines.append(f"- {on_a_line(escaped(part.text))}" + (f" [{number}]" if number else ""))
    return "".join(f"\n{line}" for line in ["", *lines])


def _quotation(sources: Sequence[Source]) -> str:
    """The words that all of ``sources`` have, and a line on each."""
    lines = [
        f"[{source.number}] {_origin(source.citation, source.link, source.answer.attribution)}" for source in sources
    ]
    first = sources[0]
    helps = "".join(
        f"{one_line(escaped(quote.text)).strip()} " for quote in first.answer.quotes[1:] if _is_beside(quote, first)
    )
    return f"\n\n> {on_a_line(helps)}{_quote(first.citation, first.article)}\n\n" + "\\\n".join(lines)


def _is_beside(quote: Quote, source: Source) -> bool:
    """Whether a sentence that helps belongs to this source: it is of the article of the answer's first citation."""
    return _place(source.citation) == _place(source.answer.citations[0]) and quote.end <= source.citation.quote_start


def _quote(citation: Citation, article: Article | None) -> str:
    """The quote with the answer in bold; of a row of a table its cells, each with the name of its column."""
    cells = cells_of(article, citation.quote_start, citation.quote_end) if article else ()
    written = [_cell(citation, name, cell) for name, cell in cells]
    if written:
        return on_a_line("; ".join(written))
    start, end = citation.start - citation.quote_start, citation.end - citation.quote_start
    before, after = citation.quote[:start], citation.quote[end:]
    words = f"{escaped(before).lstrip()}{strong(citation.quote[start:end], before, after)}{escaped(after).rstrip()}"
    return on_a_line(words)


def _cell(citation: Citation, name: str, cell: Span) -> str:
    words = citation.quote[cell[0] - citation.quote_start : cell[1] - citation.quote_start]
    start, end = max(0, citation.start - cell[0]), min(len(words), citation.end - cell[0])
    if start < end:
        before, after = words[:start], words[end:]
        marked = f"{escaped(before)}{strong(words[start:end], before, after)}{escaped(after)}"
    else:
        marked = escaped(words)
    return f"{escaped(name)}: {marked}" if name else marked


def _origin(citation: Citation, link: str, speaker: str | None = None) -> str:
    title = linked(citation.title, link)
    said = f"{escaped(speaker)}, in {title}" if speaker else title
    publisher = escaped(", ".join(dict.fromkeys(filter(None, (*citation.authors, citation.source)))))
    dated = in_english(citation.published) if citation.published else ""
    return " · ".join(filter(None, (said, publisher, dated, page_in_words(citation))))


def _no_answer(result: Result, links: Links) -> tuple[str, ...]:
    none = NO_ANSWER if result.complete else NONE_FOUND
    if result.best_guess is None:
        return (none,)
    nearest = result.best_guess.citations[0]
    quote = _quote(nearest, _articles(result).get(nearest.article_id))
    origin = _origin(nearest, links.citation(nearest))
    return none, f"\n\n{_NEAREST}\n\n> {quote}\n\n{on_a_line(origin)}"
