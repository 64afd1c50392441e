"""Which language a question and the articles are in is told where it matters, and only then."""

import pytest

from rag.answerer import Answerer
from rag.languages import language_of, warnings_for
from rag.question import Question

ENGLISH = "The town council of Halvick signed the contract for a bridge over the Sound on Tuesday."
GERMAN = "Die Stadt Oberfelsheim baut ihre erste Seilbahn. Der Gemeinderat stimmte am Montagabend für das Projekt."


@pytest.mark.parametrize(
    ("question", "articles", "codes"),
    [
        ("Who signed the contract for the bridge?", [ENGLISH], []),
        ("Wer hat den Vertrag für die Brücke unterschrieben?", [ENGLISH], ["other_language", "english_only"]),
        ("合同的价格是多少？", [ENGLISH], ["other_language", "english_only"]),
        ("Was kostet die neue Seilbahn?", [ENGLISH, GERMAN], ["english_only"]),
        ("How much does the cable car cost?", [GERMAN], ["other_language", "english_only"]),
        ("How much does the cable car cost?", [GERMAN, ENGLISH], []),
        ("Ilse Marchetti", [ENGLISH], []),
        ("2024?", [ENGLISH], []),
        ("Wer hat die Brücke gebaut?", [], ["english_only"]),
    ],
)
def test_languages_are_told_where_they_matter(question: str, articles: list[str], codes: list[str]) -> None:
    assert [warning.code for warning in warnings_for(question, articles)] == codes


def test_a_text_of_no_language_has_none() -> None:
    assert language_of("12:30, 14 %") is None
    assert language_of("") is None
    assert language_of(GERMAN) == "de"


def test_an_answer_brings_them_along(articles_answerer: Answerer) -> None:
    assert articles_answerer.ask(Question("Who won the Lantern Prize?")).warnings == ()
    told = articles_answerer.ask(Question("Qui a remporté le prix de la Lanterne cette année ?")).warnings
    assert {warning.code for warning in told} == {"other_language", "english_only"}
