"""Asking texts of one's own, without an index that stays on a disk."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from index.article import Article, storable
from index.building.builder import index_articles
from index.parsing.text_layout import body_blocks, stanzas, unwrap
from index.parsing.titles import first_words
from index.storage.versions import Versions
from pullquote._index import Index
from pullquote._models import DEFAULT_MODELS, Models
from rag.answerer import Answerer

Text = str | tuple[str, str] | Article
"""A text, a title and a text, or an article."""


def over(texts: Iterable[Text], *, models: Models = DEFAULT_MODELS) -> Index:
    """An index of texts, which can be asked until it is closed or let go of; then nothing of it is left.

    A text is a string, a pair of title and text, or an :class:`pullquote.Article`, which can be cited with more and
    filtered by. Long ones are cut into passages as those of any index are. The id of the first string or pair is "0",
    that of the next "1" and so on, articles counted as well, and so offsets lead back:
    ``texts[int(citation.article_id)][citation.start : citation.end]`` is the answer, but for line breaks.

    Embedding takes the time; nothing but a temporary folder is written.

    :raises TypeError: when a text is none of these.
    :raises ValueError: when two texts have one id.
    :raises ModelError: when a model can't be used.
    """
    articles = [_article(text, str(at)) for at, text in enumerate([texts] if isinstance(texts, str) else texts)]
    known: set[str] = set()
    for article in articles:
        if article.id in known:
            raise ValueError(f"two texts have the id {article.id!r}: give each article an id of its own")
        known.add(article.id)
    folder = Path(tempfile.mkdtemp(prefix="pullquote-"))
    try:
        versions, embedder, reader = Versions(folder), models.embedder(), models.reader()
        index_articles(articles, versions, embedder)
        return Index(Answerer(versions.open(verify=False), embedder, reader), versions, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _article(text: Text, identifier: str) -> Article:
    match text:
        case Article():
            return text if text.blocks else _read(text)
        case str():
            return _read(Article(identifier, storable(first_words(text)), text))
        case (str() as title, str() as body):
            return _read(Article(identifier, storable(title), body))
    raise TypeError(f"{text!r:.80} is no text: give a string, a pair of title and text, or a pullquote.Article")


def _read(article: Article) -> Article:
    """The article with its paragraphs and headings told apart; no code point moves."""
    text = storable(article.text)
    blocks = tuple(body_blocks(stanzas(text)))
    return replace(article, text=unwrap(text, blocks), blocks=blocks)
