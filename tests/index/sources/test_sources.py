"""Files, folders and patterns become articles in one order, with keys that do not depend on the machine."""

import os
from pathlib import Path

import pytest

from index.article import Article
from index.sources.unread import LARGEST_FILE, SourceError, SourceFailure, expand, read


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "a" / "news"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.txt").write_text("Storm hits coast\n\nIt was strong.")
    (folder / "sub" / "a.txt").write_text("Rain falls\n\nIt was wet.")
    (folder / "two.jsonl").write_text('{"text": "One is here."}\n{"text": "Two is here."}\n')
    return folder


def keys(found: list[Article | SourceFailure]) -> list[str]:
    return [item.path or "" if isinstance(item, Article) else f"! {item.key}" for item in found]


def test_a_folder_is_read_with_its_subfolders_in_order(news: Path) -> None:
    assert keys(list(read([news]))) == ["b.txt", "sub/a.txt", "two.jsonl", "two.jsonl"]
    assert [file.key for file in expand([news])] == ["news/b.txt", "news/sub/a.txt", "news/two.jsonl"]


def test_ids_depend_on_the_folder_name_and_not_on_where_it_is(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = [article.id for article in read([news]) if isinstance(article, Article)]
    monkeypatch.chdir(news.parent)
    assert [article.id for article in read(["news"]) if isinstance(article, Article)] == absolute
    monkeypatch.chdir(news)
    assert [article.id for article in read(["."]) if isinstance(article, Article)] == absolute
    assert [file.key for file in expand(["b.txt", "./*.jsonl"])] == ["news/b.txt", "news/two.jsonl"]


def test_a_file_that_is_named_twice_is_read_once(news: Path) -> None:
    assert keys(list(read([news / "b.txt", str(news), news / "**/*.txt"]))) == keys(list(read([news])))


def test_the_order_of_the_sources_does_not_matter(news: Path) -> None:
    other = news.parent / "more"
    other.mkdir()
    (other / "x.txt").write_text("It is here.")
    assert expand([news, other]) == expand([other, news])


def test_patterns_reach_into_subfolders(news: Path) -> None:
    assert [file.key for file in expand([news / "**" / "*.txt"])] == ["news/b.txt", "news/sub/a.txt"]


def test_hidden_files_and_folders_are_left_out(news: Path) -> None:
    (news / ".hidden.txt").write_text("It is hidden.")
    (news / ".git").mkdir()
    (news / ".git" / "x.txt").write_text("It is hidden.")
    assert len(expand([news])) == 3


def test_what_can_not_be_read_is_a_failure_and_the_rest_is_read(news: Path) -> None:
    (news / "empty.txt").write_text("")
    (news / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (news / "disc.iso").write_bytes(b"PK\x03\x04")
    (news / "README").write_text("No suffix.")
    (news / "two.jsonl").write_text('{"text": "One is here."}\nnonsense\n')
    found = list(read([news]))
    failures = {item.key: item.reason for item in found if isinstance(item, SourceFailure)}
    assert failures.keys() == {f"news/{n}" for n in ("README", "empty.txt", "image.txt", "disc.iso", "two.jsonl")}
    assert len(found) == 3 + len(failures)
    assert ".txt" in failures["news/disc.iso"]
    assert "(.iso)" in failures["news/disc.iso"]
    assert "no suffix" in failures["news/README"]
    assert failures["news/two.jsonl"].startswith("line 2: ")
    assert not any("\n" in reason for reason in failures.values())


@pytest.mark.parametrize("error", [KeyError("maybe"), RecursionError("too deep"), UnicodeError("line one\nline two")])
def test_whatever_breaks_a_loader_is_a_failure_and_the_rest_is_read(
    news: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(source: str) -> None:
        raise error

    monkeypatch.setattr("index.formats.text.stanzas", broken)
    *failures, _, _ = read([news])
    assert [getattr(failure, "key", None) for failure in failures] == ["news/b.txt", "news/sub/a.txt"]
    for failure in failures:
        assert isinstance(failure, SourceFailure)
        assert failure.reason.startswith(f"the file can't be read ({type(error).__name__}: ")
        assert "\n" not in failure.reason


def test_a_lack_of_memory_is_no_fault_of_the_file(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: str) -> None:
        raise MemoryError

    monkeypatch.setattr("index.formats.text.stanzas", broken)
    with pytest.raises(MemoryError):
        list(read([news]))


def test_a_file_that_vanishes_is_a_failure(news: Path) -> None:
    found = read([news])
    (news / "b.txt").unlink()
    first = next(found)
    assert isinstance(first, SourceFailure)
    assert "can't be opened" in first.reason


@pytest.mark.skipif(os.name != "posix", reason="other systems have no pipes among their files")
def test_what_is_no_file_is_a_failure_and_is_not_opened(news: Path) -> None:
    os.mkfifo(news / "pipe.txt")
    (news / "gone.txt").symlink_to(news / "nowhere")
    for source in (news, news / "*"):
        failures = {item.key: item.reason for item in read([source]) if isinstance(item, SourceFailure)}
        assert failures.keys() == {"news/pipe.txt", "news/gone.txt"}
        assert "not a regular file" in failures["news/pipe.txt"]


def test_what_has_no_loader_or_is_too_large_is_not_read(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("video.mp4", "huge.txt"):
        with (news / name).open("wb") as file:
            file.truncate(LARGEST_FILE + 1)
    opened: list[str] = []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.name) or read_bytes(path))  # type: ignore[func-returns-value]
    failures = {item.key: item.reason for item in read([news]) if isinstance(item, SourceFailure)}
    assert opened == ["b.txt", "a.txt", "two.jsonl"]
    assert ".mp4" in failures["news/video.mp4"]
    assert failures["news/huge.txt"] == "the file is larger than 100 MB: split it into smaller files"


def test_a_folder_that_is_a_link_is_read_once(news: Path) -> None:
    other = news.parent / "other"
    other.mkdir()
    (other / "x.txt").write_text("It is here.")
    (other / "back").symlink_to(news)
    (other / "self").symlink_to(other)
    (news / "linked").symlink_to(other)
    (news / "again").symlink_to(news / "sub")
    keys = ["news/b.txt", "news/linked/x.txt", "news/sub/a.txt", "news/two.jsonl"]
    assert [file.key for file in expand([news])] == keys
    assert [file.key for file in expand([news, other, news.parent / "other" / "back"])] == keys


def test_folders_of_one_name_lose_nothing(news: Path) -> None:
    other = news.parent.parent / "b" / "news"
    other.mkdir(parents=True)
    (other / "b.txt").write_text("")
    (other / "c.txt").write_text("It is here.")
    keys = ["b/news/b.txt", "b/news/c.txt", "news/b.txt", "news/sub/a.txt", "news/two.jsonl"]
    for sources in ([news, other], [other, news], [other / "b.txt", news, other / "c.txt"]):
        assert [file.key for file in expand(sources)] == keys
    failure, *articles = read([news, other])
    assert isinstance(failure, SourceFailure)
    assert failure.key == "b/news/b.txt"
    assert len({article.id for article in articles if isinstance(article, Article)}) == 5


def test_the_second_article_of_an_id_is_a_failure(news: Path) -> None:
    (news / "two.jsonl").write_text('{"id": "x", "text": "One."}\n{"id": "x", "text": "Two."}\n')
    (news / "zwei.jsonl").write_text('\n{"id": "x", "text": "Three."}\n')
    *_, first, second, third = read([news])
    assert isinstance(first, Article)
    assert second == SourceFailure("news/two.jsonl", "line 2: article id 'x' is taken by line 1: rename one of the two")
    assert third == SourceFailure(
        "news/zwei.jsonl", 'article id \'x\' ("Three.") is taken by news/two.jsonl ("One."): rename one of the two'
    )


def test_missing_and_empty_sources_are_refused_at_once(news: Path) -> None:
    (news.parent / "empty").mkdir()
    for sources, reason in (
        ([], "no source"),
        ([news / "none"], "does not exist"),
        ([news.parent / "empty"], "has no files"),
        ([news / "*.pdf"], "matches no file"),
    ):
        with pytest.raises(SourceError, match=reason) as refusal:
            read(sources)
        assert "\n" not in str(refusal.value)


def test_a_name_that_looks_like_a_pattern_is_a_file_first(news: Path) -> None:
    (news / "b[1].txt").write_text("It is here.")
    assert [file.key for file in expand([news / "b[1].txt"])] == ["news/b[1].txt"]


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX only")
def test_a_file_name_that_is_no_utf8_gives_a_usable_id(news: Path) -> None:
    Path(os.fsdecode(os.fsencode(news) + b"/caf\xe9.txt")).write_text("It is here.")
    found = [article for article in read([news]) if isinstance(article, Article)]
    assert len(found) == 5
    assert all(article.path and article.path.encode() for article in found)


def test_a_pattern_over_folders_that_link_to_themselves_ends(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("self", "sub/up", "sub/round"):
        (news / name).symlink_to(news)
    for at in range(8):
        (news / f"loop{at}").symlink_to(news / "sub")
    listed: list[object] = []
    listdir = os.listdir

    def counted(folder: str) -> list[str]:
        listed.append(folder)
        assert len(listed) <= 50, "folders are read again and again"
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", counted)
    assert [file.key for file in expand([news / "**" / "*.txt"])] == ["news/b.txt", "news/sub/a.txt"]
    assert [file.key for file in expand([news / "**" / "**" / "a.*"])] == ["news/sub/a.txt"]
    assert listed


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.txt", ["b.txt"]),
        ("*/*.txt", ["sub/a.txt"]),
        ("**", ["b.txt", "sub/a.txt", "two.jsonl"]),
        ("s?b/[ab].txt", ["sub/a.txt"]),
        ("sub/**/a.*", ["sub/a.txt"]),
        ("*/a.txt", ["sub/a.txt"]),
        (".h*/*.txt", [".hidden/c.txt"]),
    ],
)
def test_what_patterns_match(news: Path, pattern: str, found: list[str]) -> None:
    (news / ".hidden").mkdir()
    (news / ".hidden" / "c.txt").write_text("It is here.")
    assert sorted(str(file.file.relative_to(news)) for file in expand([news / pattern])) == found


def test_a_folder_that_can_not_be_opened_is_a_failure(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = news / "locked"
    locked.mkdir()
    (locked / "c.txt").write_text("It is here.")
    listdir = os.listdir

    def refuse(folder: Path) -> list[str]:
        if Path(folder) == locked:
            raise PermissionError(13, "Permission denied", str(folder))
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    for source in (news, news / "**" / "*.txt", news / "*" / "*.txt"):
        failures = [item for item in read([source]) if isinstance(item, SourceFailure)]
        assert [failure.key for failure in failures] == [locked.as_posix()]
        assert "can't be opened (Permission denied)" in failures[0].reason
        assert any(isinstance(item, Article) for item in read([source]))
    assert [type(item) for item in read([locked])] == [SourceFailure]


def test_metadata_beside_a_file_overrides_its_own(news: Path) -> None:
    told = '{"title": "Wind", "authors": ["Jane Doe"], "date": "2024-10-05", "id": "wind", "tags": "sea, wind"}'
    (news / "b.txt.meta.json").write_text(told)
    (news / "two.meta.json").write_text('{"publisher": "The Bay News", "language": "en"}')
    found = [item for item in read([news]) if isinstance(item, Article)]
    assert len(found) == 4
    assert (found[0].id, found[0].title, found[0].authors) == ("wind", "Wind", ("Jane Doe",))
    assert (str(found[0].published), found[0].tags) == ("2024-10-05", ("sea", "wind"))
    assert found[0].text == "Storm hits coast\n\nIt was strong."
    assert [(item.source, item.language) for item in found[2:]] == [("The Bay News", "en")] * 2


@pytest.mark.parametrize(
    ("told", "reason"),
    [("{", "not valid JSON"), ("[]", "not an object"), ('{"id": "a b"}', "id in its .meta.json"), ("", "is empty")],
)
def test_metadata_that_can_not_be_read_is_a_failure_of_its_file(news: Path, told: str, reason: str) -> None:
    (news / "b.txt.meta.json").write_text(told)
    failure, *rest = read([news])
    assert isinstance(failure, SourceFailure)
    assert failure.key == "news/b.txt"
    assert reason in failure.reason
    assert len(rest) == 3


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ('{"titel": "Wind"}', ["a field 'titel', which is not known: did you mean 'title'? the fields are title, url"]),
        ('{"xyz": 1}', ["a field 'xyz', which is not known: the fields are title, url"]),
        ('{"published": "soon", "title": "Wind"}', ["its 'published' makes no sense: 'soon'"]),
        ('{"url": "ftp://a.example/", "tags": []}', ["its 'url' makes no sense: 'ftp://a.example/'"]),
        ('{"Date-Published": "2024-10-05", "author": "Jane Doe", "id": "wind"}', []),
    ],
)
def test_a_field_of_metadata_that_is_of_no_use_is_told_and_the_rest_counts(
    news: Path, told: str, reasons: list[str]
) -> None:
    (news / "b.txt.meta.json").write_text(told)
    found = list(read([news]))
    assert sum(isinstance(item, Article) for item in found) == 4
    failures = [item for item in found if isinstance(item, SourceFailure)]
    assert [failure.key for failure in failures] == ["news/b.txt"] * len(reasons)
    assert all(reason in failure.reason for failure, reason in zip(failures, reasons, strict=True))


def test_metadata_of_no_file_is_a_failure(news: Path) -> None:
    (news / "c.txt.meta.json").write_text("{}")
    failures = [item for item in read([news]) if isinstance(item, SourceFailure)]
    assert failures == [
        SourceFailure(
            "news/c.txt.meta.json", "it describes no file that is read: give it that file's name before .meta.json"
        )
    ]


def test_what_a_browser_saves_beside_a_page_is_left_out(news: Path) -> None:
    (news / "page.html").write_text("<html><body><p>Rain fell on the coast.</p></body></html>")
    for name in ("page_files", "other_files"):
        (news / name).mkdir()
        (news / name / "script.js").write_text("alert()")
    assert [file.key for file in expand([news])] == [
        *("news/b.txt", "news/other_files/script.js", "news/page.html", "news/sub/a.txt", "news/two.jsonl")
    ]
