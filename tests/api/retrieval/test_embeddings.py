"""OpenAI embeddings, read by OpenAI's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest

from index.models.embedder import Embedder
from tests.support.running_server import running_server

TEXTS = ["The ferry sailed at nine.", "Wer kommt? 你好 🙂"]


@pytest.fixture(scope="module")
def client(seed_data: Path) -> Iterator[openai.OpenAI]:
    with running_server(seed_data) as (address, _), openai.OpenAI(base_url=f"{address}/v1", api_key="none") as found:
        yield found


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_they_are_the_vectors_of_the_index(client: openai.OpenAI, embedder: Embedder, encoding: Any) -> None:
    found = client.embeddings.create(model="pullquote", input=TEXTS, encoding_format=encoding)
    vectors: Any = [each.embedding for each in found.data]
    if encoding == "base64":
        import base64

        vectors = [np.frombuffer(base64.b64decode(each), "<f4") for each in vectors]
    np.testing.assert_allclose(np.asarray(vectors), embedder.embed_passages(TEXTS), atol=1e-6)
    assert [each.index for each in found.data] == [0, 1]
    assert found.model == embedder.name
    assert found.usage.prompt_tokens == sum(embedder.count_tokens(TEXTS))


def test_the_client_decodes_what_it_asks_for_by_itself(client: openai.OpenAI, embedder: Embedder) -> None:
    (found,) = client.embeddings.create(model="pullquote", input=TEXTS[0]).data
    np.testing.assert_allclose(found.embedding, embedder.embed_passages(TEXTS[:1])[0], atol=1e-6)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"input": []}, openai.UnprocessableEntityError),
        ({"input": ""}, openai.UnprocessableEntityError),
        ({"input": [[1, 2, 3]]}, openai.UnprocessableEntityError),
        ({"input": ["x"] * 65}, openai.UnprocessableEntityError),
        ({"input": "x", "dimensions": 12}, openai.BadRequestError),
    ],
)
def test_what_can_not_be_embedded_is_refused(client: openai.OpenAI, given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.embeddings.create(model="pullquote", **given)
