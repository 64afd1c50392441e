"""Example questions for a version that is being built: found with the models that will answer them."""

import logging
from collections.abc import Sequence

from api.runtime.service import open_reader
from api.settings import Settings
from index.building.builder import Suggest
from index.models.embedder import Embedder
from index.models.onnx_model import ModelError
from index.storage.snapshot import Snapshot
from rag.answerer import Answerer
from rag.example_questions import example_questions
from rag.ranking.calibration import calibrator_for

_log = logging.getLogger("pullquote")


def suggesting(settings: Settings, embedder: Embedder) -> Suggest:
    """What :func:`index.building.builder.build` finds example questions by.

    The reading model is opened when a version needs them. Without a model that can be used there are none, and the
    build goes on: the service that opens the version says what is wrong with the model.
    """

    def suggest(snapshot: Snapshot) -> Sequence[str]:
        try:
            reader = open_reader(settings)
        except ModelError as error:
            _log.warning("no example questions are made: %s", error)
            return ()
        calibrator = calibrator_for(settings.index_dir, reader.sha256)
        return example_questions(Answerer(snapshot, embedder, reader, calibrator))

    return suggest
