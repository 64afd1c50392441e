"""Questions of a row and a column get the cell, in each format that has tables."""

from pathlib import Path

import pytest

from index.building.builder import build
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader
from tests.support.tables import QUESTIONS, TABLES, WRITERS, workbook

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


@pytest.mark.slow
def test_a_cell_of_a_sheet_is_cited_as_the_sheet_shows_it(embedder: Embedder, reader: Reader, tmp_path: Path) -> None:
    mills = {"North": (0.125, 1234.5), "South": (0.25, 980), "Aske": (0.3, 12000), "Lowick": (0.325, 0)}
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("Mill", "Share", "Cost of repairs"))
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{mill} mill</t></is></c>'
        f'<c s="1"><v>{share}</v></c><c s="2"><v>{cost}</v></c></row>'
        for mill, (share, cost) in mills.items()
    )
    formats = '<numFmt numFmtId="170" formatCode="0.0%"/><numFmt numFmtId="171" formatCode="[$€-407] #,##0.00"/>'
    styles = f'<numFmts>{formats}</numFmts><cellXfs><xf/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs>'
    source = tmp_path / "Mills.xlsx"
    source.write_bytes(workbook({"Mills": f"<row>{names}</row>{rows}"}, styles))
    assert not build([source], Versions(tmp_path / "index"), embedder).failures
    with Versions(tmp_path / "index").open() as snapshot:
        answerer = Answerer(snapshot, embedder, reader)
        for question, cell in {
            "What is the share of the North mill?": "12.5%",
            "What was the cost of repairs of the North mill?": "€ 1,234.50",
        }.items():
            assert [answer.text for answer in answerer.ask(Question(question)).answers][:1] == [cell]
