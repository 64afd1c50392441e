"""A build that is divided among processes gives the version that one process makes."""

import json
from pathlib import Path

import pytest

from index.building.builder import BuildReport, build
from index.building.parts import PartsError, Share
from index.models.embedder import Embedder
from index.storage.versions import Versions
from tests.support.paths import ROOT

TEXT = "The mill of Aske burned down in May. Nobody was hurt, and the miller rebuilt it before the winter came. "


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Texts of all kinds; one is printed twice, one id is given twice, and in one file a line can't be read."""
    folder = tmp_path / "news"
    folder.mkdir()
    for path in sorted((ROOT / "tests" / "articles").iterdir()):
        (folder / path.name).write_bytes(path.read_bytes())
    for name in ("reprint.txt", "first.txt", "last.txt"):
        (folder / name).write_text(TEXT * 9)
    for name in ("one", "two", "three", "four"):
        lines = [{"id": "same", "text": f"It is told in {name}."}, {"id": f"of-{name}", "text": f"Only in {name}."}] * 2
        (folder / f"{name}.jsonl").write_text("\n".join([*map(json.dumps, lines), "{no record"]) + "\n")
    return folder


def make_parts(news: Path, folder: Path, of: int, embedder: Embedder) -> list[BuildReport]:
    shares = [Share(number, of) for number in range(1, of + 1)]
    return [build([news], share.versions(folder), embedder, share=share) for share in shares]


def test_every_document_is_in_one_part(news: Path, tmp_path: Path, embedder: Embedder) -> None:
    make_parts(news, tmp_path / "parts", 3, embedder)
    keys = []
    for number in (1, 2, 3):
        with Share(number, 3).versions(tmp_path / "parts").open() as snapshot:
            keys += [record.key for record in snapshot.store.files()]
    assert sorted(keys) == sorted(f"news/{path.name}" for path in news.iterdir())


@pytest.mark.parametrize("of", [1, 3])
def test_joined_parts_are_what_one_build_makes_to_the_byte(
    news: Path, tmp_path: Path, embedder: Embedder, of: int
) -> None:
    made = make_parts(news, tmp_path / "parts", of, embedder)
    joined = build([news], Versions(tmp_path / "joined"), embedder, parts=tmp_path / "parts")
    alone = build([news], Versions(tmp_path / "alone"), embedder)
    with Versions(tmp_path / "joined").open() as one, Versions(tmp_path / "alone").open() as other:
        assert one.manifest.files == other.manifest.files
    assert joined.version == alone.version
    assert (joined.failures, joined.notes) == (alone.failures, alone.notes)
    assert joined.failures
    assert joined.embedded == 0
    assert sum(part.articles for part in made) >= joined.articles


def test_what_changed_after_the_parts_were_made_is_read_and_embedded(
    news: Path, tmp_path: Path, embedder: Embedder
) -> None:
    make_parts(news, tmp_path / "parts", 2, embedder)
    (news / "first.txt").write_text("The mill stands again. " * 9)
    (news / "new.txt").write_text("A new bridge was opened on Monday.")
    (news / "one.jsonl").unlink()
    joined = build([news], Versions(tmp_path / "joined"), embedder, parts=tmp_path / "parts")
    alone = build([news], Versions(tmp_path / "alone"), embedder)
    assert joined.version == alone.version
    assert 2 <= joined.embedded <= 4 < alone.embedded


def test_a_part_that_is_made_again_embeds_nothing_again(news: Path, tmp_path: Path, embedder: Embedder) -> None:
    assert sum(part.embedded for part in make_parts(news, tmp_path / "parts", 2, embedder))
    assert not any(part.embedded or part.is_new for part in make_parts(news, tmp_path / "parts", 2, embedder))


def test_a_later_build_needs_no_parts(news: Path, tmp_path: Path, embedder: Embedder) -> None:
    make_parts(news, tmp_path / "parts", 2, embedder)
    versions = Versions(tmp_path / "joined")
    first = build([news], versions, embedder, parts=tmp_path / "parts")
    again = build([news], versions, embedder)
    assert (again.version, again.is_new, again.unchanged) == (first.version, False, first.articles)


def test_parts_that_are_missing_or_do_not_fit_are_named(news: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder, versions = tmp_path / "parts", Versions(tmp_path / "joined")
    with pytest.raises(PartsError, match="parts holds no parts of a build"):
        build([news], versions, embedder, parts=folder)
    build([news], Share(1, 2).versions(folder), embedder, share=Share(1, 2))
    with pytest.raises(PartsError, match=r"part 2 of 2 can't be used: there is no index in .*2-of-2 yet"):
        build([news], versions, embedder, parts=folder)
    build([news], Share(2, 2).versions(folder), embedder, 100, share=Share(2, 2))
    with pytest.raises(PartsError, match=r"part 2 of 2 in .* other settings"):
        build([news], versions, embedder, parts=folder)
    build([news], Share(1, 3).versions(folder), embedder, share=Share(1, 3))
    with pytest.raises(PartsError, match="several divisions"):
        build([news], versions, embedder, parts=folder)
    assert versions.names() == []


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "1/0", "a/b", "1/4 "])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(PartsError, match="write 2/8 for the second of eight"):
        Share.parse(text)
