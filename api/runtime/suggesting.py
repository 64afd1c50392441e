"""Example questions for a version that is being built: found with the models that will answer them."""

from functools import partial

from api.runtime.service import open_reader
from api.settings import Settings
from index.building.builder import Suggest
from index.models.embedder import Embedder
from rag.example_questions import questions_for


def suggesting(settings: Settings, embedder: Embedder) -> Suggest:
    """What :func:`index.building.builder.build` finds example questions by.

    The reading model is opened when a version needs them.
    """
    return partial(
        questions_for, embedder=embedder, open_reader=partial(open_reader, settings), index_dir=settings.index_dir
    )
