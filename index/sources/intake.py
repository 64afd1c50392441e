"""From what there is to read to documents: what did not change is taken from the version before, not read again."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from index.article import Article, article_id
from index.errors import UNREADABLE, Failure
from index.limited.limits import DIED
from index.parsing.headed import headed
from index.parsing.types import LoadError, Note
from index.sources.addresses import is_page
from index.sources.documents import UnreachedError
from index.sources.expand import SourceFailure
from index.sources.fetch import FetchError
from index.sources.reading import Reading
from index.storage.store import FileRecord, LeftOut, Store

LoadedParts = tuple[str | None, list[Article | LoadError]]
"""A hash, and the articles it belongs to, with an error for each part that can't be read."""

_KEPT = "what was indexed of it is kept"

_MANY = 500
"""Articles of a document after which only one more is read ahead: those of several would fill the memory."""


class Unread(Protocol):
    """Something that articles can be read from: a file, or what a service was given."""

    @property
    def key(self) -> str:
        """Its name, the same in every build, which no other source has."""
        ...

    def sha256(self) -> str | None:
        """A hash of all that its articles depend on; None when it has to be loaded to see whether they changed."""
        ...

    def begin(self, reading: Reading, /) -> None:
        """Let it be read while others are worked on, where its articles depend on nothing but its bytes."""
        ...

    def load(self, reading: Reading | None = None, /) -> LoadedParts:
        """Its articles, and the hash they belong to."""
        ...


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is named by the sources and can't be read: when it is a folder, what was indexed of it is kept."""

    key: str
    reason: str
    code: str = UNREADABLE

    def sha256(self) -> None:
        """Nothing is known of it."""

    def begin(self, reading: Reading, /) -> None:
        """There is nothing to read."""

    def load(self, _: Reading | None = None, /) -> LoadedParts:
        """The reason."""
        return None, [LoadError(self.reason, self.code)]

    def holds(self, key: str) -> bool:
        """Whether a file with this key may lie in this folder: keys begin with the last parts of a folder's path."""
        parts = self.key.split("/")
        return any(key.startswith("/".join(parts[start:]) + "/") for start in range(len(parts)))


@dataclass(frozen=True, slots=True)
class NotDue:
    """A source elsewhere that is not looked at now: what was indexed of it stays, and without any it is read."""

    source: Unread

    @property
    def key(self) -> str:
        """That of the source."""
        return self.source.key

    def sha256(self) -> str | None:
        """As the source tells."""
        return self.source.sha256()

    def begin(self, reading: Reading, /) -> None:
        """As the source does."""

    def load(self, reading: Reading | None = None, /) -> LoadedParts:
        """As the source does."""
        return self.source.load(reading)


@dataclass(frozen=True, slots=True)
class FolderElsewhere:
    """A folder in a store, on a server or in a mailbox: what was indexed of it stays when it is not looked at now,
    can't be listed, or is empty all at once.
    """

    key: str
    files: Callable[[], Sequence[Unread]]
    """Lists it.

    :raises FetchError: if it can't be listed.
    """
    is_due: bool = True

    def holds(self, key: str) -> bool:
        """Whether a file with this key lies in it."""
        return key.startswith(f"{self.key}/")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A source that can't be read or is not looked at now, as it was when it was read."""

    record: FileRecord
    store: Store

    @property
    def key(self) -> str:
        return self.record.key

    def sha256(self) -> str | None:
        return self.record.sha256

    def begin(self, reading: Reading, /) -> None:
        """It is in the version before."""

    def load(self, _: Reading | None = None, /) -> LoadedParts:
        failures = [LoadError(*failure) for failure in self.record.failures]
        notes = map(Note, self.record.notes)
        return self.record.sha256, [*self.store.file_articles(self.key), *failures, *notes]


@dataclass(frozen=True, slots=True)
class Edits:
    """What counts besides the sources: articles that were ``written`` take the place of those with the same id, and
    the ids in ``deleted`` are left out of the sources.
    """

    written: Sequence[Unread] = ()
    deleted: Collection[str] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.deleted)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Something about a source that is worth knowing and loses nothing, in one line."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a build reports of its sources: ``failures`` are not indexed and should be, ``notes`` are worth knowing."""

    failures: list[SourceFailure] = field(default_factory=list)
    notes: list[SourceNote] = field(default_factory=list)

    def __iadd__(self, other: "SourceReport") -> "SourceReport":
        self.failures.extend(other.failures)
        self.notes.extend(other.notes)
        return self


class _Owner(NamedTuple):
    """Where the article with an id comes from."""

    key: str
    title: str
    url: str | None
    sha256: str

    @classmethod
    def of(cls, key: str, article: Article) -> "_Owner":
        return cls(key, article.title, article.url, article.sha256)


class _Owners:
    """Where articles are taken from: known by their ids where documents were read, and from the version before where
    they are as they were, so that nobody has to list these.
    """

    def __init__(self, previous: Store | None = None, deleted: Collection[str] = (), written: Collection[str] = ()):
        """:param deleted: ids of articles that no document but those that were ``written`` is to give."""
        self._previous = previous
        self._read: dict[str, _Owner] = {}
        self._reused: set[str] = set()
        self._lost: dict[str, list[str]] = {}
        """By the keys of their documents in the version before, the articles that these are not to give any more."""
        for name, key in previous.homes(deleted).items() if previous and deleted else ():
            if key not in written:
                self._lost.setdefault(key, []).append(name)

    def key(self, article_id: str) -> str | None:
        """The document that an article is taken from, None while there is none."""
        if article_id in self._read:
            return self._read[article_id].key
        home = self._home(article_id)
        return home if home in self._reused and article_id not in self._lost.get(home, ()) else None

    def get(self, article_id: str) -> _Owner | None:
        """The same, with what tells of the article."""
        if article_id in self._read:
            return self._read[article_id]
        key = self.key(article_id)
        article = self._previous.article(article_id) if self._previous and key is not None else None
        return _Owner.of(key, article) if article and key is not None else None

    def take(self, key: str, article: Article) -> None:
        """Take an article that was read from a document."""
        home = self._home(article.id)
        if home is not None and home not in self._reused:
            self._lost.setdefault(home, []).append(article.id)
        self._read[article.id] = _Owner.of(key, article)

    def reuse(self, key: str) -> Collection[str]:
        """Take what the version before has of a document, but for the articles that are given."""
        self._reused.add(key)
        return self._lost.get(key, ())

    def _home(self, article_id: str) -> str | None:
        found = self._previous.file_of(article_id) if self._previous else None
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What is indexed of one source; ``is_reused`` when the articles are those of the version before.

    When it ``is_kept``, these are not among ``articles``: it has all that the version before has of it, but for those
    in ``without``. ``part`` holds the articles, with their passages, when they were read for another part of the build.
    """

    record: FileRecord
    articles: list[Article]
    is_reused: bool
    report: SourceReport = field(default_factory=SourceReport)
    is_kept: bool = False
    without: Collection[str] = ()
    part: Store | None = None

    def failing(self, failures: Sequence[Failure]) -> "ReadDocument":
        """The document when more of it can't be indexed."""
        if not failures:
            return self
        record = replace(self.record, failures=(*self.record.failures, *failures))
        reported = [SourceFailure(record.key, *failure) for failure in failures]
        return replace(self, record=record, report=SourceReport([*self.report.failures, *reported], self.report.notes))


class Intake:
    """What a build reads: first what was written, then the sources in their order.

    Of two articles with one id, the first is indexed. The second is a failure, unless it is the same text or stands at
    the same web address, as a story does that two feeds bring.

    :param previous: the text side of the current version.
    :param reads_alike: whether it was read by the same code, so that what did not change can be reused.
    :param reading: reads what was written; None: here, without limits.
    :param part_of: where a document, by its key, may have been read already, by the same code.
    """

    def __init__(
        self,
        sources: Sequence[Unread | FolderElsewhere],
        edits: Edits = Edits(),
        previous: Store | None = None,
        reads_alike: bool = True,
        progress: Callable[[str, int, int], None] = lambda *_: None,
        reading: Reading | None = None,
        part_of: Callable[[str], Store | None] = lambda _: None,
    ) -> None:
        self._part_of = part_of
        self._written = {item.key for item in edits.written}
        self._deleted = frozenset(edits.deleted)
        self._previous = previous
        self._reads_alike = reads_alike
        self._progress = progress
        self._reading = reading or Reading()
        self._owners = _Owners()
        self._reads_kept = True
        self._old = {record.key: record for record in previous.files()} if previous else {}
        self._loaded: dict[str, ReadDocument] = {}
        self._failed: dict[str, str] = {}
        items = [*edits.written, *self._with_kept(sources)]
        self._items: list[tuple[Unread, str | None]] = []
        for item in items:
            self._items.append((item, self._reading.hash_of(item.sha256())))
            progress("scan", len(self._items), len(items))

    def _with_kept(self, sources: Sequence[Unread | FolderElsewhere]) -> Iterator[Unread]:
        keys = {item.key for item in sources}
        for item in sources:
            if isinstance(item, FolderElsewhere):
                yield from self._files_of(item)
                continue
            if isinstance(item, NotDue) and self._previous and item.key in self._old:
                yield _Kept(self._old[item.key], self._previous)
                continue
            yield item
            if isinstance(item, Unreadable) and self._previous:
                for record in self._old.values():
                    if record.key not in keys and item.holds(record.key):
                        yield _Kept(record, self._previous)

    def _files_of(self, folder: FolderElsewhere) -> Iterator[Unread]:
        """The files of a folder elsewhere, or those that it had, with the reason if there is one."""
        store = self._previous
        before = [_Kept(old, store) for old in self._old.values() if folder.holds(old.key)] if store else []
        if before and not folder.is_due:
            yield from before
            return
        try:
            files = folder.files()
        except FetchError as error:
            reason = f"{error}; {_KEPT}" if before else str(error)
            yield Unreadable(folder.key, reason, error.code)
            yield from before
            return
        if not files:
            held = f", where it held {len(before)} files: look at it, or leave it out for a build" if before else ""
            yield Unreadable(folder.key, f"the folder is empty{held}")
        yield from files or before

    @property
    def failed(self) -> Mapping[str, str]:
        """The sources nothing new could be read of so far, by key, each with the reason."""
        return self._failed

    def unchanged(self) -> SourceReport | None:
        """When the documents are those of the version before, one and all: what there is to say; else None."""
        if not self._previous or not self._reads_alike or [item.key for item, _ in self._items] != list(self._old):
            return None
        if any(self._old[item.key].sha256 != sha256 for item, sha256 in self._items):
            return None
        self._owners = self._no_owners()
        for key in self._old:
            if self._owners.reuse(key):
                return None
        report = SourceReport()
        for item, sha256 in self._items:
            record = self._old[item.key]
            if not self._is_as_before(record) or not self._gives_the_same(item, sha256):
                return None
            report += self._report(record)
        return report

    def _gives_the_same(self, item: Unread, sha256: str | None) -> bool:
        """Whether a document whose hash, if there is one, is the same gives the same articles and failures."""
        assert self._previous
        record = self._old[item.key]
        if sha256 is not None:
            return all(map(self._reading.fails_again, record.failures))
        document = self._load(item)
        left_out = {left.article_id for left in record.left_out}
        articles = [article for article in document.articles if article.id not in left_out]
        same = replace(record, left_out=()) == document.record
        return same and articles == self._previous.file_articles(item.key)

    def documents(self, read_kept: bool = True) -> Iterator[ReadDocument]:
        """The documents, in order.

        :param read_kept: whether the articles of what did not change are read from the version before.
        """
        self._owners = self._no_owners()
        self._reads_kept = read_kept
        begun, ahead = 0, self._reading.ahead
        for number, (item, sha256) in enumerate(self._items, 1):
            for next_item in self._items[begun : number + ahead]:
                self._begin(*next_item)
            begun = max(begun, number + ahead)
            document = self._admit(self._reuse(item, sha256) or self._take_over(item, sha256) or self._load(item))
            if read_kept:  # else they may be asked for again
                self._loaded.pop(item.key, None)
            ahead = 1 if len(document.articles) > _MANY else self._reading.ahead
            self._progress("read", number, len(self._items))
            yield document

    def _no_owners(self) -> _Owners:
        return _Owners(self._previous, self._deleted, self._written)

    def _begin(self, item: Unread, sha256: str | None) -> None:
        if (
            self._reading.ahead
            and item.key not in self._loaded
            and not (self._reads_alike and self._is_known(self._old.get(item.key), sha256))
            and not self._is_known(self._read_in_part(item.key), sha256)
        ):
            item.begin(self._reading)

    def _is_known(self, old: FileRecord | None, sha256: str | None) -> bool:
        """Whether a record is of what reading would give. What made a reader die may have been ended from outside: it
        is read again.
        """
        if old is None or sha256 is None or old.sha256 != sha256:
            return False
        return all(failure.code != DIED and self._reading.fails_again(failure) for failure in old.failures)

    def _read_in_part(self, key: str) -> FileRecord | None:
        """The record of a document in the part it belongs to; what was left out there may be wanted here."""
        part = self._part_of(key)
        record = part.file(key) if part else None
        return record if record and not record.left_out else None

    def _take_over(self, item: Unread, sha256: str | None) -> ReadDocument | None:
        """What the part of a document holds of it."""
        part, record = self._part_of(item.key), self._read_in_part(item.key)
        if part is None or record is None or not self._is_known(record, sha256):
            return None
        return ReadDocument(record, part.file_articles(item.key), is_reused=False, part=part)

    def _reuse(self, item: Unread, sha256: str | None) -> ReadDocument | None:
        old = self._old.get(item.key)
        if not (self._previous and self._reads_alike and old and self._is_known(old, sha256)):
            return None
        if not self._is_as_before(old):
            return None
        articles = self._previous.file_articles(item.key) if self._reads_kept else []
        return ReadDocument(old, articles, is_reused=True, is_kept=not self._reads_kept)

    def _is_as_before(self, record: FileRecord) -> bool:
        """Whether what was left out of a file would be left out again."""
        names = {left.article_id for left in record.left_out} - self._deleted
        return all(self._owners.key(name) is not None for name in names)

    def _load(self, item: Unread) -> ReadDocument:
        if item.key not in self._loaded:
            sha256, loaded = item.load(self._reading)
            if self._previous and is_page(item.key) and not isinstance(item, _Kept):
                loaded = _unless_emptied(item.key, loaded, self._previous.file_articles(item.key))
            if not any(isinstance(part, Article) for part in loaded):
                reasons = [str(part) for part in loaded if not isinstance(part, Article | Note)]
                self._failed |= {item.key: reasons[0]} if reasons else {}
            if self._previous and any(isinstance(part, UnreachedError) for part in loaded):
                loaded = list(_with_unreached(loaded, self._previous))
            articles = [headed(part, item.key) for part in loaded if isinstance(part, Article)]
            notes = tuple(str(part) for part in loaded if isinstance(part, Note))
            errors = [part for part in loaded if isinstance(part, LoadError) and not isinstance(part, Note)]
            failures = [Failure(str(error), error.code) for error in errors]
            if failures and not articles and self._previous:
                articles = self._previous.file_articles(item.key)
                if articles:
                    failures = [_kept(failure) for failure in failures]
            record = FileRecord(item.key, self._reading.hash_of(sha256), tuple(failures), notes=notes)
            self._loaded[item.key] = ReadDocument(record, articles, is_reused=False)
        return self._loaded[item.key]

    def _admit(self, document: ReadDocument) -> ReadDocument:
        """Leave out articles that were deleted and those whose id is taken."""
        key = document.record.key
        if document.is_reused:
            without = self._owners.reuse(key)
            lost = self._previous.named(without) if self._previous and without else []
            left_out = [*document.record.left_out, *map(_left_out, lost)]
            articles = [article for article in document.articles if article.id not in without]
        else:
            without, left_out = (), []
            articles = [article for article in document.articles if self._takes(key, article, left_out)]
        nameless = [left._replace(title="") if left.article_id in self._deleted else left for left in left_out]
        record = replace(document.record, left_out=tuple(nameless)) if left_out else document.record
        return replace(document, record=record, articles=articles, report=self._report(record), without=without)

    def _takes(self, key: str, article: Article, left_out: list[LeftOut]) -> bool:
        """Whether an article that was read is indexed; if not, it is added to what is left out."""
        if self._owners.key(article.id) is not None or (article.id in self._deleted and key not in self._written):
            left_out.append(_left_out(article))
            return False
        self._owners.take(key, article)
        return True

    def _report(self, record: FileRecord) -> SourceReport:
        failures = [SourceFailure(record.key, *failure) for failure in record.failures]
        report = SourceReport(failures, [SourceNote(record.key, text) for text in record.notes])
        for left in record.left_out:
            owner = self._owners.get(left.article_id)
            if owner is None or left.article_id in self._deleted or owner.key in self._written:
                continue
            if left.sha256 == owner.sha256 and left.sha256:
                text = f'"{left.title}" has the same text and id in {owner.key}: it is indexed once, from there'
                report.notes.append(SourceNote(record.key, text))
            elif _stand_at_one_address(left, owner):
                text = f'"{left.title}" ({left.url}) has another text in {owner.key}: the one there is indexed'
                report.notes.append(SourceNote(record.key, text))
            else:
                taken = f'article id {left.article_id!r} ("{left.title}") is taken by {owner.key} ("{owner.title}")'
                report.failures.append(SourceFailure(record.key, f"{taken}: rename one of the two"))
        return report


def _unless_emptied(
    key: str, loaded: list[Article | LoadError], before: Sequence[Article]
) -> list[Article | LoadError]:
    """What a source elsewhere brings, unless it brings nothing, or a page, where it brought articles: servers that
    fail do so, too.
    """
    found = [part.id for part in loaded if isinstance(part, Article)]
    own = article_id(key)
    if not before or (found and (found != [own] or own in {article.id for article in before})):
        return loaded
    if not found and any(isinstance(part, LoadError) and not isinstance(part, Note) for part in loaded):
        return loaded
    what = "a page" if found else "nothing"
    reason = f"it brings {what} now, where it brought a list of {len(before)}: look at it, or leave it out for a build"
    return [LoadError(reason, "source_emptied")]


def _left_out(article: Article) -> LeftOut:
    return LeftOut(article.id, article.title, article.url, article.sha256)


def _stand_at_one_address(left: LeftOut, owner: _Owner) -> bool:
    """Whether two articles of one id are the same story: both have an address, and the id comes from one of them."""
    if not (left.url and owner.url):
        return False
    return left.url == owner.url or left.article_id in {article_id(left.url), article_id(owner.url)}


def _with_unreached(loaded: Sequence[Article | LoadError], previous: Store) -> Iterator[Article | LoadError]:
    """What was loaded, with the articles that documents out of reach had before in their places."""
    for part in loaded:
        before = previous.article(part.article_id) if isinstance(part, UnreachedError) else None
        if before and isinstance(part, UnreachedError):
            yield before
            yield LoadError(*_kept(Failure(str(part), part.code)))
        else:
            yield part


def _kept(failure: Failure) -> Failure:
    """The failure of something whose articles stay as they were, which its reason says once."""
    return failure if _KEPT in failure.reason else Failure(f"{failure.reason}; {_KEPT}", failure.code)
