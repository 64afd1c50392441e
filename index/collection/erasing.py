"""Taking the words of deleted articles off the disk: out of old versions, and out of the file of written documents.

A deletion leaves an article out of every later version. What was published before still holds its words, until the time
to keep them is over (:meth:`index.collection.store.Collection.delete` says when). Then those versions are removed. A
written document of several articles is kept whole as long as one of them is there.
"""

import time
from collections.abc import Collection as Names

from index.collection.store import Collection, Erasure
from index.storage.snapshot import STORE
from index.storage.store import Store, StoreError
from index.storage.versions import Versions


def holds_any(versions: Versions, name: str, article_ids: Names[str]) -> set[str]:
    """Which of these articles a version holds. One that can't be read may hold them all."""
    try:
        store = Store(versions.path(name) / STORE)
    except StoreError:
        return set(article_ids) if versions.path(name).exists() else set()
    try:
        return {article_id for article_id in article_ids if store.article(article_id)}
    finally:
        store.close()


def holders(versions: Versions, erasure: Erasure) -> list[str]:
    """The versions that hold the words of a deletion: those before the one that was first built without them."""
    before = [
        name for name in versions.names() if erasure.version is None or versions.number(name) < erasure.built_without
    ]
    return [name for name in before if holds_any(versions, name, [erasure.article_id])]


def due(collection: Collection) -> list[Erasure]:
    """The deletions whose words have no more time left, and without which a version was built."""
    return [each for each in collection.erasures() if each.version and each.due <= time.time()]


def erase(collection: Collection, versions: Versions) -> list[str]:
    """Remove what holds the words of deletions that are due; the names of the versions that were removed.

    What is in use is left for the next time, and so is a version that somebody went back to.

    :raises BusyError: when another process is changing the index.
    :raises SnapshotError: when it is not known which version is the current one.
    """
    erasures = due(collection)
    if not erasures:
        return []
    held = {erasure.article_id: holders(versions, erasure) for erasure in erasures}
    removed = versions.remove(sorted({name for names in held.values() for name in names}))
    shared = {erasure.article_id for erasure in erasures if erasure.shared}
    done = [name for name, versions_of in held.items() if set(versions_of) <= set(removed) and name not in shared]
    if done and collection.empty_log():
        collection.erased(done)
    return removed
