"""From a document, as bytes or by its address, to its articles and to those of the documents that it lists."""

from collections import deque
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from index.article import Article, article_id
from index.errors import UNREADABLE
from index.parsing.metadata import Metadata, complete
from index.parsing.types import Link, Loaded, LoadError, Origin
from index.sources.fetch import Fetcher, FetchError, GoneError, clean_url
from index.sources.reading import Reading

_DEEPEST = 3
"""Steps from a list to a listed document: a sitemap of sitemaps needs two."""


class UnreachedError(LoadError):
    """A document can't be fetched or read now and is not known to be gone; ``article_id`` is that of its article if it
    is a page.
    """

    def __init__(self, reason: str, article_id: str, code: str = UNREADABLE) -> None:
        super().__init__(reason, code)
        self.article_id = article_id


class DocumentReader:
    """Reads documents, and fetches each listed one once, whichever feeds and sitemaps list it.

    Without a ``fetcher`` nothing is fetched: what a feed or sitemap lists is an error that says so.
    """

    def __init__(self, fetcher: Fetcher | None = None, reading: Reading | None = None) -> None:
        """:param reading: reads the bytes of documents; None: here, without limits."""
        self._fetcher = fetcher
        self.reading = reading or Reading()
        self._fetched: set[str] = set()
        self.listed = 0
        """How many links feeds and sitemaps had so far: what they bring depends on more than their bytes."""

    def read(self, data: bytes, origin: Origin, media_type: str | None = None) -> Iterator[Article | LoadError]:
        """Read the articles of a document, and of those it lists, with errors in the place of what can't be read.

        The format follows from ``media_type`` and the names in ``origin``: see
        :func:`index.formats.registry.find_format`.
        """
        links = []
        for item in self.reading.read(data, origin, media_type):
            if isinstance(item, Link):
                links.append(item)
            else:
                yield _with_host(item) if origin.url and isinstance(item, Article) else item
        yield from self._follow(links)

    def read_url(self, url: str) -> Iterator[Article | LoadError]:
        """Fetch a document and read it: an article's page or file, a feed or a sitemap."""
        links = []
        for item in self._fetch(url):
            if isinstance(item, Link):
                links.append(item)
            else:
                yield item if isinstance(item, LoadError) else _with_host(item)
        yield from self._follow(links)

    def _follow(self, links: Sequence[Link]) -> Iterator[Article | LoadError]:
        most = self._fetcher.policy.most_listed if self._fetcher else 0
        waiting = deque((link, 1) for link in links)
        left = most
        while waiting:
            link, depth = waiting.popleft()
            self.listed += 1
            try:
                url = clean_url(link.url)
            except FetchError as error:
                yield LoadError(f"{link.url}: {error}", error.code)
                continue
            if url in self._fetched:
                continue
            if not left:
                yield LoadError(_over(most, len(waiting) + 1), "list_too_long")
                return
            left -= 1
            for item in self._fetch(url):
                if isinstance(item, UnreachedError):
                    yield UnreachedError(f"{url}: {item}", item.article_id, item.code)
                elif isinstance(item, LoadError):
                    yield type(item)(f"{url}: {item}", item.code)
                elif isinstance(item, Article):
                    yield _with_host(complete(item, link.metadata))
                elif depth < _DEEPEST:
                    waiting.append((item, depth + 1))

    def _fetch(self, url: str) -> Iterator[Loaded]:
        if self._fetcher is None:
            yield LoadError("it is a web address, and nothing is fetched here")
            return
        try:
            address = clean_url(url)
        except FetchError as error:
            yield LoadError(str(error), error.code)
            return
        self._fetched.add(address)
        try:
            found = self._fetcher.fetch(address)
        except FetchError as error:
            if isinstance(error, GoneError):
                yield LoadError(str(error), error.code)
            else:
                yield UnreachedError(str(error), article_id(address), error.code)
            return
        self._fetched.add(found.url)
        loaded = self.reading.read(found.data, Origin(address, url=found.url), found.media_type)
        is_unread = all(isinstance(item, LoadError) for item in loaded)
        if not is_unread:
            self._fetcher.note_articles(found, [item.id for item in loaded if isinstance(item, Article)])
        for item in loaded:
            if is_unread and isinstance(item, LoadError):
                yield UnreachedError(str(item), article_id(address), item.code)
            else:
                yield item


def _with_host(article: Article) -> Article:
    """The article with the host it stands on as its source, unless it names another."""
    return complete(article, Metadata(source=urlsplit(article.url or "").hostname))


def _over(most: int, left: int) -> str:
    done = f"the first {most} documents it lists are read" if most else "what it lists is not fetched"
    return f"{done}, {left} or more are left out"
