"""The sentence that a result shows of a passage."""

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from rag.answerer import Answerer
from rag.citing.excerpt import Excerpt, excerpts
from rag.retrieval.retriever import RetrievedPassage


def found(text: str, article_id: str = "a") -> RetrievedPassage:
    article = Article(article_id, "A title", text, (Block(0, len(text)),))
    return RetrievedPassage(Passage("p", article_id, 0, len(text)), article, 0.5, 1.0, 0.5)


def words(excerpt: Excerpt) -> list[str]:
    return [excerpt.citation.quote[start:end] for start, end in excerpt.words]


def test_the_sentence_with_the_words_of_the_question_is_shown_and_they_are_marked() -> None:
    passage = found("The harbour is old. Oil prices rose on Monday, as oil did before. Nobody knows why.")
    (excerpt,) = excerpts("What is the price of oil?", [passage], "v")
    assert excerpt.citation.quote == "Oil prices rose on Monday, as oil did before."
    assert words(excerpt) == ["Oil", "prices", "oil"]


def test_each_passage_gives_one_in_the_order_of_the_passages() -> None:
    passages = [found("Nothing of that. Really."), found("Cocoa was sold. It rained.", "b")]
    first, second = excerpts("cocoa", passages, "v")
    assert (first.citation.quote, words(first)) == ("Nothing of that.", [])
    assert (second.citation.quote, words(second)) == ("Cocoa was sold.", ["Cocoa"])


def test_no_sentence_is_shown_twice() -> None:
    """Passages overlap, and articles are printed again elsewhere."""
    passages = [
        found("Cocoa was sold. It rained."),
        found("It rained. Cocoa  was sold.", "b"),
        found("It rained.", "c"),
    ]
    shown = excerpts("cocoa", passages, "v")
    assert [each.citation.quote for each in shown] == ["Cocoa was sold.", "It rained."]
    assert excerpts("cocoa", passages[:1], "v", shown=["Cocoa was sold.", "It rained."]) == []


def test_a_question_without_a_word_marks_nothing() -> None:
    assert [words(each) for each in excerpts("?", [found("One. Two.")], "v")] == [[]]


@given(
    st.text(alphabet="aé oil.𝔘\ue000\ue001\u00ad ", min_size=1).filter(str.strip),
    st.text(alphabet="aéoil 𝔘?", min_size=1),
)
def test_marked_words_are_slices_of_any_text(text: str, question: str) -> None:
    for excerpt in excerpts(question, [found(text)], "v"):
        citation = excerpt.citation
        assert text[citation.quote_start : citation.quote_end] == citation.quote
        for start, end in excerpt.words:
            assert 0 <= start < end <= len(citation.quote)
            assert "\ue000" not in citation.quote[start:end]


def test_what_search_finds_is_excerpted(articles_answerer: Answerer) -> None:
    question = "storm ferry harbour"
    passages = articles_answerer.search(question, limit=8)
    shown = excerpts(question, passages, articles_answerer.corpus.manifest.version)
    assert [each.citation.article_id for each in shown] == [each.article.id for each in passages]
    assert words(shown[0])
