"""OpenAI embeddings: ``/v1/embeddings``, by the model that the index is made with.

Shapes: https://platform.openai.com/docs/api-reference/embeddings.
"""

import base64
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.http.errors import Problem
from api.routes.common import described
from api.runtime.service import Service
from api.runtime.state import runtime_of
from index.article import storable
from index.models.onnx_model import FloatArray

MOST_TEXTS = 64
MOST_CHARACTERS = 20_000

router = APIRouter(tags=["retrieval"])

Text = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]

_REQUEST: dict[str, Any] = {"model": "pullquote", "input": ["troops sent to Vladivostok"], "encoding_format": "float"}
_RESPONSE: dict[str, Any] = {
    "object": "list",
    "model": "sentence-transformers/all-MiniLM-L6-v2",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.0123, -0.0456, 0.0789]}],
    "usage": {"prompt_tokens": 4, "total_tokens": 4},
}


class EmbeddingRequest(BaseModel):
    """Texts to be embedded as passages are. The model is that of the index, whichever is named."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REQUEST]})

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)] = Field(
        description=f"A text, or up to {MOST_TEXTS} of up to {MOST_CHARACTERS:,} characters each."
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, description="Those of the model, or left out.")


@router.post("/v1/embeddings", responses=described(_RESPONSE, 400, 413, 415, 422, 503))
async def create_embeddings(request: Request, body: EmbeddingRequest) -> dict[str, Any]:
    """Unit vectors of texts, comparable with those of the index, as OpenAI's embeddings give them.

    A text that is longer than the model reads is embedded by its beginning.
    """
    texts = [storable(text) for text in ([body.input] if isinstance(body.input, str) else body.input)]
    return await runtime_of(request).run(request, partial(_embed, texts, body))


def _embed(texts: list[str], body: EmbeddingRequest, service: Service) -> dict[str, Any]:
    embedder = service.embedder
    if body.dimensions not in {None, embedder.dimension}:
        detail = f"the model has {embedder.dimension} dimensions and not {body.dimensions}: leave dimensions out"
        raise Problem(400, detail, "other_dimensions")
    vectors = embedder.embed_passages(texts)
    encoded = [_encoded(vector, body.encoding_format) for vector in vectors]
    tokens = sum(embedder.count_tokens(texts))
    return {
        "object": "list",
        "model": embedder.name,
        "data": [{"object": "embedding", "index": at, "embedding": each} for at, each in enumerate(encoded)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _encoded(vector: FloatArray, encoding: str) -> list[float] | str:
    """Numbers, or the little-endian float32 of them in base64."""
    if encoding == "base64":
        return base64.b64encode(np.asarray(vector, "<f4").tobytes()).decode("ascii")
    return [float(value) for value in vector]
