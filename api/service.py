"""The service behind every way in: the settings, and the answerer that is made from them."""

from dataclasses import dataclass
from typing import Any

from api.errors import Problem
from api.settings import Settings
from index.embedder import Embedder
from index.onnx_model import ModelError
from index.snapshot import Manifest, SnapshotError
from index.versions import Versions
from rag.answerer import Answerer
from rag.reader import Reader

_WARM_UP = "Is everything in place?"


@dataclass(frozen=True, slots=True)
class Service:
    """An answerer with what is told about it."""

    answerer: Answerer
    embedder: Embedder
    reader: Reader

    @property
    def manifest(self) -> Manifest:
        """The manifest of the open snapshot."""
        return self.answerer.snapshot.manifest

    def models(self) -> dict[str, dict[str, Any]]:
        """What identifies the models in use."""
        reader = {"name": self.reader.name, "precision": self.reader.precision, "weights_sha256": self.reader.sha256}
        return {"embedder": self.manifest.embedder, "reader": reader}

    def size_bytes(self) -> int:
        """The bytes that the index takes on disk."""
        return sum(file.bytes for file in self.manifest.files.values())


def open_embedder(settings: Settings) -> Embedder:
    """The embedding model of the settings.

    :raises ModelError: when it can't be used.
    """
    return Embedder.load(settings.embedder, settings.model_cache, settings.embedder_precision, settings.threads)


def open_service(settings: Settings, warm_up: bool = True) -> Service:
    """Open the current index and the models; with ``warm_up``, answer a first question.

    :raises SnapshotError: when there is no index, it is damaged, or was made with another embedding model.
    :raises ModelError: when a model can't be used.
    """
    snapshot = Versions(settings.index_dir).open(settings.verify_on_open)
    embedder = open_embedder(settings)
    check_embedder(snapshot.manifest, embedder)
    reader = Reader.load(settings.reader, settings.model_cache, settings.reader_precision, settings.threads)
    service = Service(Answerer(snapshot, embedder, reader), embedder, reader)
    if warm_up:
        service.answerer.ask(_WARM_UP)
    return service


def check_embedder(manifest: Manifest, embedder: Embedder) -> None:
    """Make sure that questions are embedded by the model that embedded the passages.

    :raises SnapshotError: when they are not.
    """
    made_with = manifest.embedder
    same_model = made_with["name"] == embedder.name and made_with["weights_sha256"] == embedder.weights_sha256
    if not same_model or made_with["dimension"] != embedder.dimension:
        raise SnapshotError(
            f"the index was made with the embedding model {made_with['name']} and the settings name {embedder.name}, "
            "or its weights changed. Build the index again with 'pullquote build', or set PULLQUOTE_EMBEDDER back."
        )


class Door:
    """Holds the open service, or the reason why there is none."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._reason = "the service is starting: try again in a moment"

    def open(self, settings: Settings) -> str | None:
        """Open the service; the reason if that is not possible."""
        try:
            self._service = open_service(settings)
        except (SnapshotError, ModelError, OSError) as error:
            told = str(error)
            if isinstance(error, OSError):
                told = (
                    f"index or models can't be opened: {told}. Mend that, or build the index again with 'make index'."
                )
            self._reason = f"{told.rstrip('.')}. Then start this service again."
            return told
        return None

    @property
    def reason(self) -> str | None:
        """Why there is no service, None when there is one."""
        return None if self._service else self._reason

    def service(self) -> Service:
        """The open service.

        :raises Problem: 503 when there is none, saying what to do about it.
        """
        if self._service is None:
            raise Problem(503, self._reason, "not_ready", {"Retry-After": "30"})
        return self._service
