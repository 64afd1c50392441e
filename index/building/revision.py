"""A version made by changing a copy of the one before: it costs what changed, not what is there."""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.article import Article, Passage
from index.building.near_copies import FINGERPRINT, Fingerprints, are_near_copies, candidates, fingerprint, joined
from index.errors import Failure
from index.limited.limits import LimitError
from index.sources.intake import ReadDocument, SourceReport
from index.storage.schema import FINGERPRINTS
from index.storage.snapshot import STORE, Snapshot
from index.storage.store import FileRecord, Rows, Store, StoredArticle
from index.storage.store_editor import StoreEditor

LEAST_ARTICLES = 2_000
"""Smaller versions are written anew, which takes less than a second."""

_MORE = 0.01
"""Of the fingerprints, for how many more there is room when there was room for none."""

MOST_SHARE = 0.05
"""Of the articles, how many may come, change or go; above that, all are written anew."""

Cut = Callable[[Article], list[Passage]]
"""Cuts an article into passages."""


@dataclass(slots=True)
class Plan:
    """What becomes of the articles of a version."""

    store: Store
    before: Rows
    """The rows of its articles, by their places in the order of sources."""
    order: Rows
    """Of each article of the next version, in order, the place that it has in this one; of those in ``coming``, which
    are new or changed, ``-1``, ``-2`` and so on.
    """
    coming: dict[str, tuple[Article, list[Passage]]]
    """New and changed articles, with their passages, by id."""
    changed: Collection[str]
    """Those of them that this version has otherwise."""
    same: list[StoredArticle]
    """The articles that were read and found to be as they are in this version."""
    keys: dict[str, str]
    """Of the articles that were read, the keys of their files."""
    sizes: dict[str, int]
    """Of each file, how many articles it has."""
    files: list[FileRecord]
    report: SourceReport

    @property
    def leaving(self) -> Rows:
        """The rows of the articles of this version that are not in the next one, or changed there, in order."""
        leaves = np.ones(len(self.before), np.bool_)
        leaves[self._staying] = False
        return self.before[leaves]

    @property
    def keeps_order(self) -> bool:
        """Whether those that stay come one after the other as before: which of several copies is the first is known."""
        return bool(np.all(np.diff(self._staying) > 0))

    @property
    def _staying(self) -> Rows:
        return self.order[self.order >= 0]


def can_be_revised(snapshot: Snapshot) -> bool:
    """Whether a version has what a revision needs, and is so large that it pays."""
    is_large = snapshot.manifest.articles >= LEAST_ARTICLES
    return is_large and snapshot.store.keeps(FINGERPRINTS)


def plan(documents: Iterable[ReadDocument], store: Store, cut: Cut) -> Plan | None:
    """What changed; None when it is so much that all articles are to be written anew."""
    before, spans = store.rows_in_order(), store.spans()
    most = MOST_SHARE * len(before)
    order: list[range] = []
    coming: dict[str, tuple[Article, list[Passage]]] = {}
    changed: set[str] = set()
    same, keys, sizes, files, report = [], {}, {}, [], SourceReport()
    for document in documents:
        key = document.record.key
        found: list[range] = _without(spans[key], _places(store, document.without)) if document.is_kept else []
        failures = []
        for article in document.articles:
            stored = store.stored_as(article.id)
            if stored and store.article(article.id) == article:
                same.append(stored)
                found.append(_one(store.place(stored.row)))
            else:
                try:
                    coming[article.id] = article, cut(article)
                except LimitError as error:
                    failures.append(Failure(f'{error} ("{article.title}")', error.code))
                    continue
                found.append(_one(-len(coming)))
                if stored:
                    changed.add(article.id)
            keys[article.id] = key
        for places in found:
            if order and order[-1].stop == places.start:
                places = range(order.pop().start, places.stop)
            order.append(places)
        sizes[key] = sum(map(len, found))
        document = document.failing(failures)
        files.append(document.record)
        report += document.report
        if len(coming) > most:
            return None
    joined_order = np.concatenate([np.arange(places.start, places.stop) for places in order or [range(0)]])
    made = Plan(store, before, joined_order, coming, changed, same, keys, sizes, files, report)
    return made if len(made.leaving) <= most and made.keeps_order else None


def _one(place: int) -> range:
    return range(place, place + 1)


def _places(store: Store, article_ids: Collection[str]) -> list[int]:
    return sorted(store.place(article.row) for name in article_ids if (article := store.stored_as(name)))


def _without(places: range, lost: Sequence[int]) -> list[range]:
    """A run of places without some of them, which rise."""
    starts, stops = [places.start, *(place + 1 for place in lost)], [*lost, places.stop]
    return [range(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]


class _Coming(NamedTuple):
    """An article that is added."""

    article: Article
    passages: list[Passage]
    print: Fingerprints
    key: str | None
    """Of the file that it was read from, or None."""
    file: int | None
    """The row of the file that it had before."""


class Revision:
    """Makes the text side of the next version in ``folder``."""

    def __init__(self, folder: Path, store: Store, cut: Cut) -> None:
        self._file = folder / STORE
        self._store = store
        self._cut = cut
        self._fingerprints: Fingerprints = np.zeros(0, FINGERPRINT)

    def make(self, planned: Plan) -> tuple[StoreEditor, int]:
        """Change a copy of the store as ``planned``; what was done, and how many passages there are."""
        kept = self._store.array(FINGERPRINTS, FINGERPRINT)
        assert kept is not None
        self._fingerprints = kept.copy()
        leaving = self._store.stored(planned.leaving)
        coming = [
            _Coming(article, passages, fingerprint(article), planned.keys[name], None)
            for name, (article, passages) in planned.coming.items()
        ]
        added = dict(zip(range(-1, -1 - len(coming), -1), coming, strict=True))
        again = self._sharing(planned, leaving, coming)
        added |= {self._store.place(article.row): self._as_it_is(article, planned.keys) for article in again}
        shutil.copyfile(self._store.path, self._file)
        with StoreEditor(self._file, self._store) as editor:
            removed = [*leaving, *again]
            parted = set(editor.witnesses(article.row for article in removed).values())
            for article in removed:
                editor.remove(article)
                self._fingerprints[article.row] = 0
            alone = editor.saying_the_same(parted)
            files = editor.set_files(planned.files)
            rows = np.where(planned.order >= 0, planned.before[np.maximum(planned.order, 0)], -1)
            came = np.flatnonzero(np.isin(planned.order, [*added]))
            rows[came] = self._add(editor, [added[place] for place in planned.order[came].tolist()], files)
            for article in planned.same:
                file = files[planned.keys[article.id]]
                if article.file != file and self._store.place(article.row) not in added:
                    editor.set_file(article.row, file)
            editor.set_order(rows)
            for row in {*rows[came].tolist(), *(article.row for article in removed)}:
                editor.set_fingerprint(row, self._fingerprints[row].tobytes(), len(self._fingerprints))
            self._set_witnesses(editor, {*alone, *rows[came].tolist()})
        return editor, editor.passages

    def _sharing(
        self, planned: Plan, leaving: Sequence[StoredArticle], coming: Sequence["_Coming"]
    ) -> list[StoredArticle]:
        """The articles that stay and have the text of one that comes or goes: whose passages it has is found anew."""
        contents = [self._fingerprints["content"][article.row] for article in leaving]
        contents += [each.print["content"][0] for each in coming]
        alike = np.isin(self._fingerprints["content"], contents)
        alike[[article.row for article in leaving]] = False
        return self._store.stored(planned.before[alike[planned.before]])

    def _as_it_is(self, article: StoredArticle, keys: Mapping[str, str]) -> "_Coming":
        whole = self._store.article(article.id)
        assert whole
        passages = self._store.article_passages(article.id) or self._cut(whole)
        return _Coming(whole, passages, self._fingerprints[[article.row]], keys.get(article.id), article.file)

    def _add(self, editor: StoreEditor, coming: Iterable["_Coming"], files: Mapping[str, int]) -> list[int]:
        """Add what comes, in the order of sources, and give the rows; of articles with one text, the first has the
        passages.
        """
        firsts: dict[object, int] = {}
        rows = []
        for each in coming:
            content = each.article.text, each.article.blocks
            first = firsts.get(content)
            file = each.file if each.key is None else files[each.key]
            row = editor.add(each.article, each.passages if first is None else [], file, first)
            firsts.setdefault(content, row)
            if row >= len(self._fingerprints):
                more = 1 + int(_MORE * row)
                self._fingerprints = np.concatenate([self._fingerprints, np.zeros(more, FINGERPRINT)])
            self._fingerprints[row] = each.print[0]
            rows.append(row)
        return rows

    def _set_witnesses(self, editor: StoreEditor, moved: Collection[int]) -> None:
        """Find who says the same as the articles that came, or that one of their group left."""
        if not moved:
            return
        prints = self._fingerprints
        bodies = prints["body"]
        pairs = [
            (one, other)
            for one, other in candidates(prints["bands"], moved)
            if are_near_copies(editor.body(one), editor.body(other))
        ]
        same = np.flatnonzero(np.isin(bodies, bodies[list(moved)]) & (prints["content"] != 0))
        firsts: dict[int, int] = {}
        pairs += [(firsts.setdefault(int(bodies[row]), int(row)), int(row)) for row in same]
        others = {row for pair in pairs for row in pair if row not in moved}
        known = editor.witnesses(others)
        groups = joined([*pairs, *known.items()])
        changed = {row: groups.get(row, row) for row in moved}
        for number in set(known.values()):
            if groups[number] != number:
                changed |= dict.fromkeys(set(editor.saying_the_same([number])) - set(moved), groups[number])
        editor.set_witnesses(changed)
