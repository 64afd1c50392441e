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
from pathlib import Path
from typing import Any

from index.child_module import child_command
from index.models.onnx_model import ModelError

MANIFEST = "compiled.json"
_FORMAT = 3


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def place(compiler: str, name: str, cache: Path) -> Path:
    """The folder that ``name`` is compiled into, whether it is there or not."""
    return cache / f"{_slug(name)}-{_identity(compiler, name)}"


def ensure(compiler: str, name: str, cache: Path) -> Path:
    """The folder with ``name`` compiled by the module ``compiler``; compiles it first when it is not there yet.

    A compiler is run as ``python -m COMPILER NAME FOLDER``. It fills the folder and describes it in ``compiled.json``.
    :raises ModelError: when the model can't be compiled, with the compiler's own last line.
    """
    folder = place(compiler, name, cache)
    if (folder / MANIFEST).is_file():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
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


def describe(folder: Path, used: Sequence[str] = ()) -> dict[str, Any]:
    """What ``compiled.json`` says, after checking that the files it lists are there, and those in ``used`` unaltered.

    :raises ModelError: when the folder is incomplete, or a file that is used was altered.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"compiled model {folder} is incomplete ({error}). Delete it to have it made again."
        ) from error
    for name, known in files.items():
        if not (folder / name).is_file() or (name in used and sha256_file(folder / name) != known):
            raise ModelError(
                f"compiled model {folder}: {name} is missing or altered. Delete the folder to have it made again."
            )
    return manifest


def write_description(folder: Path, description: dict[str, Any]) -> None:
    """Write ``compiled.json``: ``description`` and the SHA-256 of every file in the folder."""
    files = {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    (folder / MANIFEST).write_text(json.dumps({**description, "files": files}, indent=1), encoding="utf-8")


def _compile(compiler: str, name: str, work: Path) -> None:
    print(f"compiling {name} (once; takes about half a minute)", file=sys.stderr, flush=True)
    done = subprocess.run(child_command(compiler, name, str(work)), capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise ModelError(f"the model {name!r} can't be used: {lines[-1].removeprefix('ModelError: ')}")


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() or c in ".-_" else "-" for c in Path(name).name.lower())[:60]


def _identity(compiler: str, name: str) -> str:
    """Hash of the compiler, the name, and for a local folder of its weights, so that changed weights compile anew."""
    digest = hashlib.sha256(f"{_FORMAT}\0{compiler}\0{name}".encode())
    if Path(name).is_dir():
        for path in sorted(Path(name).rglob("*")):
            if path.suffix in {".safetensors", ".bin", ".json", ".onnx"}:
                digest.update(f"{path.name}\0{sha256_file(path)}".encode())
    return digest.hexdigest()[:10]
