from index.article import Article, Block, Passage
from rag.citing.citation import cite, narrowed
from rag.citing.quotes import LEAST_HELP, Quote, quotes_around

TEXT = (
    "Ann Lee became the harbour master of Callory in May. She says that the new pier cost nine million crowns.\n\n"
    "The old one is open."
)
ARTICLE = Article("pier", "A pier", TEXT, (Block(0, 105), Block(107, len(TEXT))))
PASSAGE = Passage("pier:0", "pier", 0, len(TEXT))


def quotes(words: str, question: str) -> tuple[Quote, ...]:
    start = TEXT.index(words)
    citation = cite(ARTICLE, PASSAGE, start, start + len(words), "1")
    return quotes_around(ARTICLE, citation, question, 0.7)


def test_the_sentence_before_is_quoted_when_it_says_what_the_question_asks_about() -> None:
    own, before = quotes("nine million crowns", "How much did the pier cost, says the harbour master of Callory?")
    assert own.text == "She says that the new pier cost nine million crowns."
    assert own.confidence == 0.7
    assert before.text == "Ann Lee became the harbour master of Callory in May."
    assert TEXT[before.start : before.end] == before.text
    assert LEAST_HELP <= before.confidence < 1


def test_the_first_sentence_of_a_paragraph_is_quoted_alone() -> None:
    assert [quote.text for quote in quotes("open", "Is the old pier open?")] == ["The old one is open."]
    assert len(quotes("May", "When did Ann Lee become the harbour master?")) == 1


def test_an_item_of_an_answer_has_a_citation_of_its_own() -> None:
    citation = cite(ARTICLE, PASSAGE, 0, 33, "1")
    item = narrowed(citation, ARTICLE, 15, 33)
    assert TEXT[item.start : item.end] == "the harbour master"
    assert (item.quote, item.quote_start, item.sha256) == (citation.quote, 0, citation.sha256)
