"""Questions of a row and a column get the cell, in each format that has tables."""

from pathlib import Path

import pytest

from index.building.builder import build
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader
from tests.support.tables import QUESTIONS, TABLES, WRITERS

LEAST = 9


@pytest.mark.slow
@pytest.mark.parametrize("ending", WRITERS)
def test_a_question_of_a_row_and_a_column_gets_the_cell(
    ending: str, embedder: Embedder, reader: Reader, tmp_path: Path
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for title, words, table in TABLES.values():
        (sources / f"{title}.{ending}").write_bytes(WRITERS[ending](title, words, table))
    report = build([sources], Versions(tmp_path / "index"), embedder)
    assert not report.failures
    with Versions(tmp_path / "index").open() as snapshot:
        answerer = Answerer(snapshot, embedder, reader)
        told = {}
        for question, cell in QUESTIONS:
            result = answerer.ask(Question(question))
            told[question] = [answer.text for answer in result.answers][:1], cell, result.best_guess
            for answer in result.answers:
                for citation in answer.citations:
                    article = snapshot.store.article(citation.article_id)
                    assert article
                    assert article.text[citation.start : citation.end] == answer.text
        right = [question for question, (answers, cell, _) in told.items() if answers == [cell]]
        print(f"{ending}: {len(right)} of {len(QUESTIONS)} right")
        assert len(right) >= LEAST, {question: found for question, found in told.items() if question not in right}
