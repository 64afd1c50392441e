import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from rag.answerer import Answerer
from rag.question import Question
from rag.retrieval.depth import DEPTH, Depth
from rag.retrieval.retriever import RetrievedPassage

UNBOUNDED = sys.maxsize


def passage(score: float, dense: float = 0.0, length: int = 100) -> RetrievedPassage:
    text = "x" * length
    article = Article("a", "Title", text, (Block(0, length),))
    return RetrievedPassage(Passage(f"a:0-{length}", "a", 0, length), article, dense, 0.0, score)


def test_a_passage_is_far_behind_by_its_score_and_its_cosine() -> None:
    found = [passage(0.9, 0.50), passage(0.8, 0.1), passage(0.5, 0.48), passage(0.5, 0.44), passage(0.4, 0.50)]
    assert Depth(5, behind=0.25, cosine=0.9, characters=UNBOUNDED).of(found) == [0, 1, 2, 4]


def test_a_passage_of_the_article_that_a_conversation_is_on_is_never_far_behind() -> None:
    found = [passage(0.9, 0.5), *(replace(passage(0.2, 0.1), is_on_topic=topical) for topical in (True, False))]
    assert Depth(5, characters=UNBOUNDED).of(found) == [0, 1]
    assert Depth(5, characters=150).of(found) == [0]


def test_passages_are_read_until_their_length_is_too_much() -> None:
    found = [passage(0.9, length=length) for length in (500, 400, 200, 50)]
    assert Depth(5, characters=1000).of(found) == [0, 1]
    assert Depth(5, characters=10).of(found) == [0]
    assert Depth.every(3).of(found) == [0, 1, 2]
    assert DEPTH.of([]) == []


def test_a_bound_that_is_just_reached_is_not_broken() -> None:
    depth = Depth(5, behind=0.25, cosine=0.5, characters=1000)
    assert depth.of([passage(0.75, 0.5), passage(0.5, 0.1)]) == [0, 1]
    assert depth.of([passage(0.75, 0.5), passage(0.1, 0.25)]) == [0, 1]
    assert depth.of([passage(0.75, length=600), passage(0.75, length=400)]) == [0, 1]
    assert depth.of([passage(0.75, length=600), passage(0.75, length=401)]) == [0]


Found = list[tuple[float, float, int]]


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 900)), max_size=12),
    st.builds(Depth, st.integers(1, 10), st.floats(0, 1), st.floats(0, 1), st.integers(1, 4000)),
)
def test_the_best_is_always_read_and_no_bound_is_broken(drawn: Found, depth: Depth) -> None:
    found = [passage(*each) for each in sorted(drawn, reverse=True)]
    read = depth.of(found)
    assert read[:1] == [0][: len(found)]
    assert read == sorted(set(read))
    assert len(read) <= depth.most
    assert all(at < depth.most for at in read)
    assert len(read) < 2 or sum(len(found[at].text) for at in read) <= depth.characters
    assert set(read) <= set(Depth.every(depth.most).of(found))


def test_the_service_reads_to_this_depth(articles_answerer: Answerer) -> None:
    for question in ("How much does map lichen widen in a year?", "How many patches of map lichen did they measure?"):
        result = articles_answerer.ask(Question(question))
        found = articles_answerer.search(question, limit=DEPTH.most)
        assert list(result.passages) == [found[at] for at in DEPTH.of(found)]
        assert len(result.passages) < DEPTH.most
        assert result.answers
