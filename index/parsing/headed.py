"""The title of an article as the first line of its text, so that it can be cited like any other words of it."""

from dataclasses import replace
from pathlib import PurePosixPath

from index.article import Article, body, canonical, single_spaced, title_span
from index.parsing.titles import file_title, first_words

KEEP_OFFSETS = frozenset({"text/plain", "text/markdown", "text/asciidoc"})
"""Media types whose articles are the file, code point for code point."""


def headed(article: Article, key: str) -> Article:
    """The article with its title before its text, outside of every block, as plain text has it.

    It stays as it is when offsets into its text are offsets into a file, when the title stands at the top already, or
    when nobody wrote it as a title: it is the name of the file, or the shortened beginning of the text.

    :param key: the stable name of the document that it comes from.
    """
    if article.media_type in KEEP_OFFSETS or not article.blocks or not article.title.strip():
        return article
    top = single_spaced(body(article)[: 2 * len(article.title) + 100]).casefold()
    is_there = title_span(article) is not None or top.startswith(single_spaced(article.title).casefold())
    name = article.path or key
    made_up = (
        file_title(name),
        PurePosixPath(name).stem,
        *map(canonical, map(first_words, (article.text, body(article)))),
    )
    if is_there or article.title in made_up:
        return article
    shift = len(article.title) + 2
    moved = tuple(block.moved(shift) for block in article.blocks)
    styles = tuple(style.moved(shift) for style in article.styles)
    return replace(article, text=f"{article.title}\n\n{article.text}", blocks=moved, styles=styles)
