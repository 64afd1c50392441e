"""Cutting articles into passages in processes that may take so much time and memory and no more."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer

from index.article import Article, Passage
from index.building.chunker import CountTokens, chunk
from index.limited.pool import LimitedProcesses
from index.passage_text import embedded_title


class Cutter:
    """Cuts one article after another. With processes, the next ones are cut while the first is worked on."""

    def __init__(self, tokenizer: Path, room: int, processes: LimitedProcesses | None = None) -> None:
        """:param tokenizer: the ``tokenizer.json`` of the embedding model.
        :param room: the most tokens of a passage with its title and heading.
        :param processes: cut, each article within their limits; without them, it is cut here and without any.
        """
        self._tokenizer = tokenizer
        self._room = room
        self._processes = processes
        self._begun: dict[str, Future[list[Passage]]] = {}

    @property
    def ahead(self) -> int:
        """How many documents are worth beginning before they are cut."""
        return self._processes.size if self._processes else 0

    def begin(self, article: Article) -> None:
        """Begin to cut what :meth:`cut` will be asked for."""
        if self._processes and article.id not in self._begun:
            self._begun[article.id] = self._processes.submit(cut, self._tokenizer, self._room, article)

    def cut(self, article: Article) -> list[Passage]:
        """The passages of an article, in order.

        :raises LimitError: when cutting it takes more than it may.
        """
        if self._processes is None:
            return list(cut(self._tokenizer, self._room, article))
        self.begin(article)
        return self._begun.pop(article.id).result()


def cut(tokenizer: Path, room: int, article: Article) -> Iterator[Passage]:
    """The passages of an article, with ``room`` tokens at the most, its title included."""
    count_tokens = _counter(tokenizer)
    [title] = count_tokens([embedded_title(article)])
    yield from chunk(article, count_tokens, room - min(title, room // 4))


@cache
def _counter(file: Path) -> CountTokens:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def count_tokens(texts: Sequence[str]) -> list[int]:
        return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    return count_tokens
