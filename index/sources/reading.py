"""From the bytes of one document to its articles, here or in a process that may take so much and no more."""

import hashlib
import re
import time
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from index.article import Article, single_spaced
from index.errors import Failure
from index.formats import registry
from index.limited.allowance import was_short_of_memory
from index.limited.limits import LimitError
from index.limited.pool import LimitedProcesses
from index.parsing.column_names import Columns
from index.parsing.types import Loaded, LoadError, Origin
from index.sources.expand import LARGEST_FILE

_CHARSET = re.compile(r";\s*charset=\s*\"?([\w.:-]+)", re.IGNORECASE)

LONGEST_ARTICLE = 10_000_000
"""Code points. Longer texts are no articles, and their sentences and passages take minutes."""

_HOW = "|"
_Key = tuple[bytes, Origin, str | None]


@dataclass(slots=True)
class Pace:
    """How many articles of a format were read, and in how many seconds of the processes that read."""

    articles: int = 0
    seconds: float = 0.0


class _Spent(NamedTuple):
    """How long a document took, behind what it holds; ``form`` is the ending of its format."""

    form: str
    seconds: float


class Reading:
    """Reads documents one after another. With processes, the next ones are read while the first is worked on."""

    def __init__(
        self, processes: LimitedProcesses | None = None, columns: Columns = (), recognised: str | None = None
    ) -> None:
        """:param processes: read, each document within their limits; without them, it is read here and without any.
        :param columns: what fields are called in tables and records (``("text", "story")``).
        :param recognised: the language of pages that are pictures (``eng``); None: they are not read.
        """
        self._processes = processes
        self._columns = tuple(columns)
        self._recognised = recognised
        self._begun: dict[_Key, Future[list[Loaded | _Spent]]] = {}
        self.paces: dict[str, Pace] = {}
        """By the ending of the format, of what was read so far."""

    def warm_up(self) -> None:
        """Start a process for what is sure to come, while something else is done."""
        if self._processes:
            self._processes.submit(_imported)

    @property
    def ahead(self) -> int:
        """How many documents are worth beginning before they are read."""
        return 2 * self._processes.size if self._processes else 0

    def fails_again(self, failure: Failure) -> bool:
        """Whether reading the same bytes again would fail in the same way, as far as is known."""
        return self._processes is None or self._processes.limits.refuse_again(failure)

    def hash_of(self, sha256: str | None) -> str | None:
        """The hash of a document together with how it is read here."""
        if sha256 is None or not (self._columns or self._recognised) or _HOW in sha256:
            return sha256
        how = repr((self._columns, self._recognised))
        return sha256 + _HOW + hashlib.sha256(how.encode()).hexdigest()[:16]

    def begin(self, data: bytes, origin: Origin, media_type: str | None = None) -> None:
        """Begin to read what :meth:`read` will be asked for."""
        origin = self._with_wishes(origin)
        key = _key(data, origin, media_type)
        if self._processes and key not in self._begun:
            self._begun[key] = self._processes.submit(_timed, data, origin, media_type)

    def read(self, data: bytes, origin: Origin, media_type: str | None = None) -> list[Loaded]:
        """What a document holds, with a :class:`LoadError` in the place of each part that can't be read. Past a limit
        nothing of it is read.
        """
        origin = self._with_wishes(origin)
        if self._processes is None:
            return self._counted(list(_timed(data, origin, media_type)))
        begun = self._begun.pop(_key(data, origin, media_type), None)
        try:
            return self._counted((begun or self._processes.submit(_timed, data, origin, media_type)).result())
        except LimitError as error:
            return [LoadError(str(error), error.code)]

    def _counted(self, found: Iterable[Loaded | _Spent]) -> list[Loaded]:
        loaded: list[Loaded] = []
        for item in found:
            if isinstance(item, _Spent):
                pace = self.paces.setdefault(item.form, Pace())
                pace.articles += sum(isinstance(part, Article) for part in loaded)
                pace.seconds += item.seconds
            else:
                loaded.append(item)
        return loaded

    def _with_wishes(self, origin: Origin) -> Origin:
        return replace(origin, columns=self._columns, recognised=self._recognised)


def _key(data: bytes, origin: Origin, media_type: str | None) -> _Key:
    return hashlib.sha256(data).digest(), origin, media_type


def _imported() -> Iterator[str]:
    """The endings of what can be read, once all that reads it is imported."""
    yield from sorted(registry.suffixes())


def _timed(data: bytes, origin: Origin, media_type: str | None) -> Iterator[Loaded | _Spent]:
    start = time.perf_counter()
    yield from load(data, origin, media_type)
    with suppress(LoadError):
        yield _Spent(registry.find_format(origin, media_type).SUFFIXES[0][1:], time.perf_counter() - start)


def load(data: bytes, origin: Origin, media_type: str | None) -> Iterator[Loaded]:
    """What a document holds, with a :class:`LoadError` in the place of each part that can't be read."""
    charset = _CHARSET.search(media_type or "")
    origin = replace(origin, charset=origin.charset or (charset and charset[1]))
    try:
        form = registry.find_format(origin, media_type)
        for item in form.load(_unpacked(data, origin), origin):
            if isinstance(item, Article) and len(item.text) > LONGEST_ARTICLE:
                yield LoadError(f"the text has {len(item.text)} characters, more than {LONGEST_ARTICLE}: split it")
            else:
                yield item
    except LoadError as error:
        if was_short_of_memory():
            raise MemoryError from error
        yield error
    except MemoryError:
        raise
    except Exception as error:  # documents are hostile: whatever breaks must not stop the others
        if was_short_of_memory():
            raise MemoryError from error
        reason = single_spaced(f"{type(error).__name__}: {error}")
        yield LoadError(f"the file can't be read ({reason}): mend it or remove it")


def _unpacked(data: bytes, origin: Origin) -> bytes:
    """The bytes of a file that is packed by gzip, as sitemaps often are, and says so by its name."""
    name = (origin.path or origin.url or origin.key).lower()
    if not (name.endswith(".gz") and data.startswith(b"\x1f\x8b")):
        return data
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacker.decompress(data, LARGEST_FILE)
    except zlib.error as error:
        raise LoadError(f"the file is packed wrongly ({error}): pack it again") from None
    if not unpacker.eof:
        is_large = len(unpacked) == LARGEST_FILE
        reason = f"unpacks to more than {LARGEST_FILE // 1_000_000} MB: split it" if is_large else "is cut off"
        raise LoadError(f"the file {reason}")
    return unpacked
