"""An environment for each peer, and the shared weights in the form that peers load."""

import os
import shutil
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from index.models.compile_embedder import locate
from index.models.embedder import DEFAULT_EMBEDDER
from rag.reading.reader import WORD_PIECES

FOLDER = Path(os.environ.pop("PULLQUOTE_PEERS_DIR", "var/benchmarks/peers"))
"""Taken out of the variables: Pullquote, which is started with them, refuses those it does not know."""
SHIPPED_READER = Path("rag/models/reader")

PACKAGES = {
    "txtai": ("txtai[api]==9.14.0", "torch==2.13.0"),
    "haystack": (
        "haystack-ai==3.4.0",
        "hayhooks==2.1.0",
        "transformers-haystack==2.0.0",
        "sentence-transformers-haystack==2.0.0",
        "torch==2.13.0",
    ),
}

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "false",
    "TOKENIZERS_PARALLELISM": "true",
    "DO_NOT_TRACK": "1",
}


class NotSetUpError(RuntimeError):
    """A peer's environment, or what it needs, is not there."""


def interpreter(peer: str, folder: Path = FOLDER) -> Path:
    """The Python of a peer's environment.

    :raises NotSetUpError: when it was not installed, or with other versions.
    """
    mark = folder / peer / "installed"
    if not mark.exists() or mark.read_text(encoding="utf-8").split() != list(PACKAGES[peer]):
        raise NotSetUpError(f"{peer} is not installed in {folder}: run python -m benchmarks.peers setup")
    return (folder / peer / "bin" / "python").absolute()


def install(peer: str, folder: Path = FOLDER) -> None:
    """Make the environment of a peer, unless it is there.

    :raises subprocess.CalledProcessError: when pip fails; it has said why.
    """
    try:
        interpreter(peer, folder)
    except NotSetUpError:
        place = folder / peer
        venv.create(place, with_pip=True, clear=True)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *PACKAGES[peer]]
        subprocess.run(command, check=True, env=environment)
        (place / "installed").write_text("\n".join(PACKAGES[peer]) + "\n", encoding="utf-8")


def versions(peer: str, names: Sequence[str], folder: Path = FOLDER) -> dict[str, str]:
    """The versions of some packages in a peer's environment."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run(
        [str(interpreter(peer, folder)), "-c", code, *names], check=True, capture_output=True, text=True
    )
    return dict(zip(names, done.stdout.split(), strict=True))


def embedder() -> Path:
    """The folder of the embedding model that all three load."""
    return Path(locate(DEFAULT_EMBEDDER)).absolute()


def reader(folder: Path = FOLDER) -> Path:
    """The reader as a checkpoint of transformers.

    :raises NotSetUpError: when it was not written.
    """
    place = folder / "reader"
    if not (place / "model.safetensors").exists():
        raise NotSetUpError(f"{place} is not there: run python -m benchmarks.peers setup")
    return place.absolute()


def write_reader(folder: Path = FOLDER) -> None:
    """Write the shipped int8 reader as a float32 checkpoint of transformers, with its tokenizer.

    The weights are those that the quantised numbers stand for: what differs from the shipped reader is that activations
    are not quantised.

    :raises ValueError: when a parameter is missing or left over.
    """
    from transformers import BertConfig, BertForQuestionAnswering

    from training.model import dequantised

    model = BertForQuestionAnswering(BertConfig.from_pretrained(SHIPPED_READER))
    answer = model.load_state_dict(dequantised(SHIPPED_READER / "model.int8.onnx"), strict=False)
    missing = [name for name in answer.missing_keys if not name.endswith("position_ids")]
    if missing or answer.unexpected_keys:
        raise ValueError(f"{SHIPPED_READER}: missing {missing}, unexpected {answer.unexpected_keys}")
    place = folder / "reader"
    model.save_pretrained(place)
    shutil.copy(SHIPPED_READER / "tokenizer_config.json", place / "tokenizer_config.json")
    shutil.copy(WORD_PIECES, place / "tokenizer.json")
