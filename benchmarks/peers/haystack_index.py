"""Run in Haystack's environment: index passages as its documentation shows, and save the store.

``haystack_index.py PASSAGES.jsonl STORE.json EMBEDDER`` prints the seconds from the first passage to the saved store,
after the model was loaded and had embedded once.
"""

import json
import sys
import time
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersDocumentEmbedder


def main() -> None:
    source, target, model = sys.argv[1:]
    lines = Path(source).read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    embedder = SentenceTransformersDocumentEmbedder(
        model=model, meta_fields_to_embed=["title"], batch_size=32, progress_bar=False
    )
    embedder.warm_up()
    embedder.run(documents=[Document(content="warm")])
    pipeline = Pipeline()
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("writer", DocumentWriter(document_store=store))
    pipeline.connect("embedder", "writer")
    begin = time.perf_counter()
    documents = [Document(id=r["id"], content=r["text"], meta={"title": r["title"]}) for r in records]
    pipeline.run({"embedder": {"documents": documents}})
    store.save_to_disk(target)
    print(time.perf_counter() - begin)


if __name__ == "__main__":
    main()
