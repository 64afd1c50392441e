"""Taking the words of deleted articles off the disk: also out of what is kept of questions."""

from collections.abc import Collection as Names

from api.questions.book import QuestionBook
from api.runtime.service import open_book
from api.settings import Settings
from index.collection.erasing import due, erase
from index.collection.store import Collection
from index.sharding.sharded import Connect, open_corpus
from index.storage.versions import Versions


def erase_words(settings: Settings, collection: Collection, versions: Versions) -> list[str]:
    """Remove what holds the words of deletions that are due; the names of the versions that were removed.

    :raises QuestionBookError: when what is kept of questions can't be changed; then the versions stay, too.
    :raises BusyError: when another process is changing the index.
    :raises SnapshotError: when it is not known which version is the current one.
    """
    ids = {each.article_id for each in due(collection)}
    if not ids:
        return []
    book = open_book(settings)
    forget_words(book, versions, ids)
    removed = erase(collection, versions)
    if removed:
        forget_words(book, versions, ids)  # what somebody was told meanwhile
    return removed


def forget_words(
    book: QuestionBook, versions: Versions, article_ids: Names[str] | None = None, connect: Connect | None = None
) -> None:
    """Erase what a book keeps of the words of articles and the current version does not say.

    :param article_ids: of these alone; None: of every article.
    :param connect: reaches the shards of the current version; without it, they are opened in this process.
    :raises QuestionBookError: as :func:`erase_words`.
    :raises SnapshotError: when the current version can't be read.
    :raises IncompleteError: when a shard of it does not answer.
    """
    kept = book.articles()
    if article_ids is not None:
        kept.intersection_update(article_ids)
    if not kept or versions.current() is None:
        return
    with open_corpus(versions, verify=False, connect=connect) as corpus:
        for article_id in sorted(kept):
            article = corpus.article(article_id)
            book.forget_words(article_id, article.text if article else "")
