"""Jupyter notebooks: their text as Markdown, their code as paragraphs."""

import json
from collections.abc import Iterator
from dataclasses import replace

from index.article import Article, Block
from index.formats import markdown
from index.parsing.decoding import decode
from index.parsing.types import LoadError, Origin

SUFFIXES = (".ipynb",)
MEDIA_TYPES = ("application/x-ipynb+json",)


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: the cells in their order, without what their code printed.

    :raises LoadError: if the file is no notebook or has no text.
    """
    text = "\n\n".join(_cells(decode(data, origin.charset)))
    if not text.strip():
        raise LoadError("the notebook is empty: write into it or remove it")
    for part in markdown.load(text.encode(), origin):
        if isinstance(part, Article):
            part = replace(part, media_type=MEDIA_TYPES[0])
            if not part.blocks:
                start = len(part.text) - len(part.text.lstrip())
                part = replace(part, blocks=(Block(start, len(part.text.rstrip())),))
        yield part


def _cells(text: str) -> Iterator[str]:
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
        for cell in cells:
            source = cell["source"]
            source = source if isinstance(source, str) else "".join(map(str, source))
            if cell["cell_type"] == "markdown":
                yield source
            elif cell["cell_type"] == "code" and source.strip():
                fence = "`" * max(3, 1 + max((len(run) for run in source.split() if set(run) == {"`"}), default=0))
                yield f"{fence}\n{source}\n{fence}"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LoadError(f"the file is no Jupyter notebook ({type(error).__name__}): save it anew") from None
