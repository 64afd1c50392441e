"""The integrity of a version of the index: passages and vectors are checked row by row."""

from collections.abc import Iterator

import numpy as np

from index.models.embedder import Embedder
from index.passage_text import embedded_text, embedding_key
from index.storage.snapshot import Snapshot
from index.storage.store import Store

SAMPLE = 64
"""How many vectors are computed again."""

LEAST_COSINE = 0.999
"""The lowest cosine between a stored vector and the same vector computed again on any processor or runtime."""

_PAGE = 200


def store_problems(store: Store) -> Iterator[str]:
    """What is wrong with the database itself, and with the offsets, ids and embedded words of passages."""
    damage = store.damage()
    yield from damage
    if damage:
        return
    stray, renamed, altered = [], [], []
    keys = store.embedding_keys()
    for first in range(0, len(keys), _PAGE):
        rows = range(first, min(first + _PAGE, len(keys)))
        for row, (passage, article) in zip(rows, store.passages(rows), strict=True):
            if not 0 <= passage.start < passage.end <= len(article.text):
                stray.append(passage.id)
            elif passage.id != f"{article.id}:{passage.start}-{passage.end}":
                renamed.append(passage.id)
            elif keys[row] != embedding_key(article, passage):
                altered.append(passage.id)
    for complaint, ids in (
        ("lie outside their articles", stray),
        ("have an id that is not made of their offsets", renamed),
        ("have other words than those that were embedded", altered),
    ):
        if ids:
            yield f"{len(ids)} passages {complaint}, the first is {ids[0]}"


def vector_problems(snapshot: Snapshot, embedder: Embedder, sample: int = SAMPLE) -> Iterator[str]:
    """What is wrong with the vectors of a sample of passages, evenly spread: they are computed again."""
    count = snapshot.manifest.passages
    if not count:
        return
    rows = sorted({int(row) for row in np.linspace(0, count - 1, min(sample, count))})
    texts = [embedded_text(article, passage) for passage, article in snapshot.store.passages(rows)]
    cosines = np.sum(embedder.embed_passages(texts) * snapshot.vectors.take(np.array(rows, np.int64)), axis=1)
    wrong = [(row, cosine) for row, cosine in zip(rows, cosines, strict=True) if cosine < LEAST_COSINE]
    if wrong:
        row, cosine = wrong[0]
        yield (
            f"{len(wrong)} of {len(rows)} vectors computed again differ from the stored ones, the first is that of row "
            f"{row} (cosine {cosine:.3f})"
        )
