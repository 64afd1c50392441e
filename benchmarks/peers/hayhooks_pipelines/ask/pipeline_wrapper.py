"""Served by Hayhooks in its own environment: embed the question, retrieve as Pullquote does, read what is found."""

import os
from typing import Any

from hayhooks import BasePipelineWrapper
from haystack import Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader


class PipelineWrapper(BasePipelineWrapper):  # type: ignore[misc]
    """The name that Hayhooks looks for."""

    def setup(self) -> None:
        """Load the saved store and the models."""
        store = InMemoryDocumentStore.load_from_disk(os.environ["PEER_STORE"])
        embedder = SentenceTransformersTextEmbedder(model=os.environ["PEER_EMBEDDER"], progress_bar=False)
        reader = TransformersExtractiveReader(model=os.environ["PEER_READER"], top_k=1)
        self.pipeline = Pipeline()
        self.pipeline.add_component("embedder", embedder)
        self.pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=int(os.environ["PEER_READ"])))
        self.pipeline.add_component("reader", reader)
        self.pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self.pipeline.connect("retriever.documents", "reader.documents")
        embedder.warm_up()
        reader.warm_up()

    def run_api(self, question: str) -> list[dict[str, Any]]:
        """The answers, best first; the one without text is Haystack's "no answer"."""
        found = self.pipeline.run({"embedder": {"text": question}, "reader": {"query": question}})
        return [{"text": answer.data, "score": answer.score} for answer in found["reader"]["answers"]]
