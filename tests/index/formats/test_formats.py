"""Every format, from its bytes to a cited answer; and broken documents, each with its reason, beside sound ones."""

import unicodedata
from pathlib import Path

import pytest

from api.chat.message import compose
from api.cli.console import print_result
from api.http.links import Links
from index.article import Article
from index.building.builder import build
from index.models.embedder import Embedder
from index.sources.unread import read
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader
from tests.support.stories import STORIES, files

FILES = files()
UNTOLD = {
    "pdf": {"source"},
    "docx": {"source", "language"},
    "text": {"source", "language"},
    "mhtml": set(),
}
"""What a format has no place for."""


def _save(folder: Path, members: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in members.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("form", FILES)
def test_each_format_gives_its_text_and_metadata(form: str, tmp_path: Path) -> None:
    found = {item.title: item for item in read([_save(tmp_path / "news", FILES[form])]) if isinstance(item, Article)}
    assert found.keys() == {story.title for story in STORIES}
    for story in STORIES:
        article = found[story.title]
        assert article.authors == (story.author,)
        assert article.published == story.published
        if "source" not in UNTOLD.get(form, {}):
            assert article.source == story.publisher
        told = [(block.kind, article.text[block.start : block.end]) for block in article.blocks]
        wanted = [
            part
            for heading, paragraphs in story.sections
            for part in [("heading", heading), *(("paragraph", paragraph) for paragraph in paragraphs)]
        ]
        assert told == wanted
        assert unicodedata.is_normalized("NFC", article.text)


@pytest.mark.parametrize("form", FILES)
def test_a_question_is_answered_with_its_heading_and_page(
    form: str, tmp_path: Path, embedder: Embedder, reader: Reader
) -> None:
    versions = Versions(tmp_path / "index")
    report = build([_save(tmp_path / "news", FILES[form])], versions, embedder)
    assert not report.failures
    answerer = Answerer(versions.open(), embedder, reader)
    for story in STORIES:
        result = answerer.ask(Question(story.question, limit=1))
        answer = result.answers[0] if result.answers else result.best_guess
        assert answer is not None
        citation = answer.citations[0]
        article = answerer.corpus.article(citation.article_id)
        assert article is not None
        assert story.answer in answer.text
        assert article.text[citation.start : citation.end] == answer.text
        assert (citation.title, citation.heading) == (story.title, story.heading)
        assert citation.page == (2 if form == "pdf" else None)


def test_people_are_told_the_page(
    tmp_path: Path, embedder: Embedder, reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    versions = Versions(tmp_path / "index")
    build([_save(tmp_path / "news", FILES["pdf"])], versions, embedder)
    result = Answerer(versions.open(), embedder, reader).ask(Question(STORIES[2].question, limit=1))
    print_result(result, Links(), "http://127.0.0.1:8000")
    assert "How it is built · page 2" in " ".join(capsys.readouterr().out.split())
    assert "8 February 2024 · page 2" in compose(result, Links()).text
