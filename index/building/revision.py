"""A version made by changing a copy of the one before: it costs what changed, not what is there."""

import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.article import Article, Passage
from index.building.near_copies import FINGERPRINT, Fingerprints, are_near_copies, candidates, fingerprint, joined
from index.errors import Failure
from index.limited.limits import LimitError
from index.sources.expand import SourceFailure
from index.sources.intake import ReadDocument, SourceNote
from index.storage.schema import FINGERPRINTS
from index.storage.snapshot import STORE, Snapshot
from index.storage.store import FileRecord, Store, StoredArticle
from index.storage.store_editor import StoreEditor

LEAST_ARTICLES = 2_000
"""Smaller versions are written anew, which takes less than a second."""

MOST_SHARE = 0.05
"""Of the articles, how many may come, change or go; above that, all are written anew."""

Cut = Callable[[Article], list[Passage]]
"""Cuts an article into passages."""


@dataclass(slots=True)
class Plan:
    """What becomes of the articles of a version; ``order`` has the ids of all that the next one holds."""

    store: Store
    before: dict[str, StoredArticle]
    order: list[str] = field(default_factory=list)
    files: list[FileRecord] = field(default_factory=list)
    failures: list[SourceFailure] = field(default_factory=list)
    notes: list[SourceNote] = field(default_factory=list)
    coming: dict[str, tuple[Article, list[Passage]]] = field(default_factory=dict)
    """New and changed articles, with their passages, by id."""
    keys: dict[str, str] = field(default_factory=dict)
    """Of the articles that were read, the keys of their files."""

    @property
    def leaving(self) -> list[StoredArticle]:
        """The articles of the version before that are not in the next one, or changed there."""
        staying = set(self.order) - self.coming.keys()
        return [article for name, article in self.before.items() if name not in staying]

    @property
    def keeps_order(self) -> bool:
        """Whether those that stay come one after the other as before: which of several copies is the first is known."""
        staying = set(self.order) - self.coming.keys()
        return [name for name in self.before if name in staying] == [name for name in self.order if name in staying]

    def keys_before(self) -> dict[str, str]:
        """The keys of the files that the articles of the version before are from."""
        keys = {row: key for key, row in self.store.file_rows().items()}
        return {name: "" if article.file is None else keys[article.file] for name, article in self.before.items()}


def can_be_revised(snapshot: Snapshot) -> bool:
    """Whether a version has what a revision needs, and is so large that it pays."""
    is_large = snapshot.manifest.articles >= LEAST_ARTICLES
    return is_large and snapshot.store.array(FINGERPRINTS, FINGERPRINT) is not None


def plan(documents: Iterable[ReadDocument], store: Store, cut: Cut) -> Plan | None:
    """What changed; None when it is so much that all articles are to be written anew."""
    found = Plan(store, {article.id: article for article in store.stored_articles})
    most = MOST_SHARE * len(found.before)
    for document in documents:
        found.order += [article.id for article in document.kept]
        failures = []
        for article in document.articles:
            if article.id not in found.before or store.article(article.id) != article:
                try:
                    found.coming[article.id] = article, cut(article)
                except LimitError as error:
                    failures.append(Failure(f'{error} ("{article.title}")', error.code))
                    continue
            found.order.append(article.id)
            found.keys[article.id] = document.record.key
        document = document.failing(failures)
        found.files.append(document.record)
        found.failures += document.report.failures
        found.notes += document.report.notes
        if len(found.coming) > most:
            return None
    return found if len(found.leaving) <= most and found.keeps_order else None


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
        leaving = planned.leaving
        prints = {name: fingerprint(article) for name, (article, _) in planned.coming.items()}
        again = self._sharing(planned, leaving, prints)
        coming = planned.coming | {article.id: self._as_it_is(article) for article in again}
        prints |= {article.id: self._fingerprints[[article.row]] for article in again}
        shutil.copyfile(self._store.path, self._file)
        with StoreEditor(self._file, self._store) as editor:
            removed = [*leaving, *again]
            parted = set(editor.witnesses(article.row for article in removed).values())
            for article in removed:
                editor.remove(article)
                self._fingerprints[article.row] = 0
            alone = editor.saying_the_same(parted)
            files = editor.set_files(planned.files)
            rows = {name: article.row for name, article in planned.before.items()}
            self._add(editor, planned, coming, prints, files, rows)
            for name, key in planned.keys.items():
                if name not in coming and planned.before[name].file != files[key]:
                    editor.set_file(rows[name], files[key])
            editor.set_order([rows[name] for name in planned.order])
            editor.set_fingerprints(self._fingerprints.tobytes())
            self._set_witnesses(editor, {*alone, *(rows[name] for name in coming)})
        return editor, editor.passages

    def _sharing(
        self, planned: Plan, leaving: Sequence[StoredArticle], prints: dict[str, Fingerprints]
    ) -> list[StoredArticle]:
        """The articles that stay and have the text of one that comes or goes: whose passages it has is found anew."""
        contents = [self._fingerprints["content"][article.row] for article in leaving]
        contents += [made["content"][0] for made in prints.values()]
        alike = set(np.flatnonzero(np.isin(self._fingerprints["content"], contents)).tolist())
        alike -= {article.row for article in leaving}
        return [article for article in planned.before.values() if article.row in alike] if alike else []

    def _as_it_is(self, article: StoredArticle) -> tuple[Article, list[Passage]]:
        whole = self._store.article(article.id)
        assert whole
        return whole, self._store.article_passages(article.id) or self._cut(whole)

    def _add(
        self,
        editor: StoreEditor,
        planned: Plan,
        coming: dict[str, tuple[Article, list[Passage]]],
        prints: dict[str, Fingerprints],
        files: dict[str, int],
        rows: dict[str, int],
    ) -> None:
        """Add what comes, in the order of sources; of articles with one text, the first has the passages."""
        firsts: dict[object, int] = {}
        for name in planned.order:
            if name not in coming:
                continue
            article, passages = coming[name]
            first = firsts.get((article.text, article.blocks))
            key = planned.keys.get(name)
            file = files[key] if key is not None else planned.before[name].file
            row = editor.add(article, passages if first is None else [], file, first)
            firsts.setdefault((article.text, article.blocks), row)
            rows[name] = row
            if row >= len(self._fingerprints):
                self._fingerprints = np.concatenate([self._fingerprints, prints[name]])
            else:
                self._fingerprints[row] = prints[name][0]

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
