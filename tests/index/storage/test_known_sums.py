import hashlib
import os
from pathlib import Path

import pytest

from index.models.compiled import sha256_file
from index.storage import known_sums
from index.storage.known_sums import KnownSums


def test_a_file_is_hashed_once_and_again_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return sha256_file(path)

    monkeypatch.setattr(known_sums, "sha256_file", counted)
    file = tmp_path / "a"
    file.write_bytes(b"one")
    for _ in range(2):
        sums = KnownSums(tmp_path / "sums.json")
        assert sums.of(file) == hashlib.sha256(b"one").hexdigest()
        sums.save()
    os.link(file, tmp_path / "b")
    assert KnownSums(tmp_path / "sums.json").of(tmp_path / "b") == hashlib.sha256(b"one").hexdigest()
    assert hashed == [file]
    file.write_bytes(b"two")
    os.utime(file, ns=(0, 1))
    assert KnownSums(tmp_path / "sums.json").of(file) == hashlib.sha256(b"two").hexdigest()
    assert hashed == [file, file]


def test_what_is_not_asked_for_again_is_forgotten(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
        sums = KnownSums(tmp_path / "sums.json")
        sums.of(tmp_path / name)
        sums.save()
    assert len((tmp_path / "sums.json").read_text().split(",")) == 1


@pytest.mark.parametrize("content", ["", "[]", "nonsense", '{"a": 1}'])
def test_a_damaged_cache_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "sums.json").write_text(content)
    (tmp_path / "a").write_bytes(b"one")
    sums = KnownSums(tmp_path / "sums.json")
    sums.note(tmp_path / "a", hashlib.sha256(b"one").hexdigest())
    sums.save()
    assert KnownSums(tmp_path / "sums.json").of(tmp_path / "a") == hashlib.sha256(b"one").hexdigest()


def test_what_is_not_asked_for_any_more_is_forgotten(tmp_path: Path) -> None:
    file, sums = tmp_path / "a", KnownSums()
    file.write_bytes(b"one")
    status = file.stat()
    assert sums.of(file) == hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    sums.learn(tmp_path / "none")
    sums.learn(tmp_path / "none")
    assert sums.of(file) == hashlib.sha256(b"two").hexdigest()
