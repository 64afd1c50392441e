import re
from dataclasses import replace

import pytest

from index.article import Article, Block, Passage
from rag.ranking.candidates import Candidate, gather
from rag.ranking.evidence import Evidence, breaks
from rag.reading.spans import ScoredSpan
from rag.retrieval.retriever import RetrievedPassage

TEXT = "About 1,500 troops arrived in Vladivostok on Wednesday, the agency said."


def found(article: str, start: int = 0, score: float = 0.5, text: str = TEXT) -> RetrievedPassage:
    owner = Article(article, "Title", text, (Block(0, len(text)),))
    passage = Passage(f"{article}:{start}-{len(text)}", article, start, len(text))
    return RetrievedPassage(passage, owner, dense=score, bm25=1.0, score=score)


def span(of: RetrievedPassage, words: str, margin: float) -> ScoredSpan:
    start = of.text.index(words)
    return ScoredSpan(start, start + len(words), margin, 0.0, margin + 1)


def texts(candidates: list[Candidate]) -> list[str]:
    return [candidate.text for candidate in candidates]


def test_spans_of_overlapping_passages_are_one_answer_with_one_citation() -> None:
    whole, rest = found("a"), found("a", start=6)
    [candidate] = gather([whole, rest], [[span(whole, "1,500 troops", 3)], [span(rest, "1,500", 5)]])
    assert candidate.text == "1,500"
    assert len(candidate.mentions) == 1
    assert candidate.evidence == Evidence(margin=5, score=5, retrieval=0.5, breaks=0, presence=6)


def test_a_candidate_tells_how_many_of_its_words_were_said_before() -> None:
    one = found("a")
    spans = [[span(one, "1,500 troops", 3), span(one, "Vladivostok", 2), span(one, "the agency", 1)]]
    said = frozenset({"troop", "vladivostok"})
    assert {it.text: it.said for it in gather([one], spans, said)} == {
        "1,500 troops": 0.5,
        "Vladivostok": 1.0,
        "the agency": 0.0,
    }
    assert {it.said for it in gather([one], spans)} == {0.0}


def test_the_same_answer_in_several_articles_is_one_answer_with_several_citations() -> None:
    one, other = found("a"), found("b", text="It said that 1,500 troops came.")
    [candidate] = gather([one, other], [[span(one, "1,500 troops", 2)], [span(other, "1,500 troops", 4)]])
    assert [mention.found.article.id for mention in candidate.mentions] == ["b", "a"]


def test_every_mention_of_an_answer_has_its_very_words() -> None:
    one = found("a")
    wider = found("b", text="There it found the troops of the north.")
    louder = found("c", text="THE TROOPS CAME.")
    spans = [[span(one, "troops", 5)], [span(wider, "the troops", 4)], [span(louder, "THE TROOPS", 3)]]
    [candidate] = gather([one, wider, louder], spans)
    assert [(mention.found.article.id, mention.text) for mention in candidate.mentions] == [
        ("a", "troops"),
        ("b", "troops"),
    ]


def test_a_span_of_the_title_stands_where_the_text_has_the_title() -> None:
    text = "Troops reach\nVladivostok\nBy AFP\n" + TEXT
    body = Block(text.index("About"), len(text))
    owner = Article("a", "Troops reach Vladivostok", text, (body,))
    of = RetrievedPassage(Passage("a:p", "a", body.start, body.end), owner, dense=0.5, bm25=1.0, score=0.5)
    start = owner.title.index("reach")
    in_title = ScoredSpan(start, start + len("reach Vladivostok"), 4, 0, 5, in_title=True)
    [candidate] = gather([of], [[in_title]])
    assert text[candidate.mentions[0].start : candidate.mentions[0].end] == "reach\nVladivostok"
    other = found("b", text="Here troops reach\nVladivostok soon.")
    [candidate] = gather([of, other], [[in_title], [ScoredSpan(12, 29, 9, 0, 9)]])
    assert [mention.found.article.id for mention in candidate.mentions] == ["b", "a"]
    assert {mention.text for mention in candidate.mentions} == {"reach\nVladivostok"}
    nowhere = replace(of, article=replace(owner, title="Named by its file"))
    assert gather([nowhere], [[replace(in_title, end=in_title.end - 1)]]) == []


def test_the_same_words_twice_in_one_article_are_cited_once() -> None:
    text = "Troops came. Later more troops came."
    one = found("a", text=text)
    spans = [ScoredSpan(0, 6, 4, 0, 4), ScoredSpan(text.index("troops"), text.index("troops") + 6, 3, 0, 4)]
    [candidate] = gather([one], [spans])
    assert [mention.start for mention in candidate.mentions] == [0]


def test_different_answers_stay_apart() -> None:
    one = found("a")
    assert sorted(texts(gather([one], [[span(one, "1,500", 2), span(one, "Vladivostok", 1)]]))) == [
        "1,500",
        "Vladivostok",
    ]


def test_offsets_are_those_of_the_article() -> None:
    rest = found("a", start=TEXT.index("Vladivostok"))
    [candidate] = gather([rest], [[span(rest, "Wednesday", 1)]])
    mention = candidate.mentions[0]
    assert TEXT[mention.start : mention.end] == "Wednesday"


@pytest.mark.parametrize(
    ("scores", "articles"),
    [((0.5, 0.6), ["b", "a"]), ((0.6, 0.5), ["a", "b"]), ((0.5, 0.5), ["a", "b"])],
)
def test_of_places_that_the_reader_likes_equally_the_better_found_is_cited_first(
    scores: tuple[float, float], articles: list[str]
) -> None:
    passages = [found("a", score=scores[0]), found("b", score=scores[1])]
    spans = [[span(one, "1,500", 2)] for one in passages]
    for order in (1, -1):
        [candidate] = gather(passages[::order], spans[::order])
        assert [mention.found.article.id for mention in candidate.mentions] == articles


def test_of_overlapping_spans_that_the_reader_likes_equally_the_first_in_the_article_counts() -> None:
    one = found("a")
    spans = [span(one, "1,500 troops", 2), span(one, "troops arrived", 2)]
    assert texts(gather([one], [spans])) == texts(gather([one], [spans[::-1]])) == ["1,500 troops"]


def test_answers_that_touch_are_two() -> None:
    one = found("a", text="It was 12km away.")
    assert sorted(texts(gather([one], [[span(one, "12", 2), span(one, "km", 1)]]))) == ["12", "km"]
    assert sorted(texts(gather([one], [[span(one, "12", 1), span(one, "km", 2)]]))) == ["12", "km"]


def test_a_list_marker_between_two_blocks_is_no_part_of_an_answer() -> None:
    text = "Boats: - the Ida and the Lotte"
    blocks = (Block(0, 6), Block(9, len(text)))
    listed = replace(found("a", text=text), article=Article("a", "Title", text, blocks))
    [candidate] = gather([listed], [[ScoredSpan(5, len(text), 1, 0, 1)]])
    assert candidate.text == "the Ida and the Lotte"
    assert gather([listed], [[ScoredSpan(7, 8, 1, 0, 1)]]) == []
    assert gather([listed], [[ScoredSpan(6, 9, 1, 0, 1)]]) == []


def test_a_span_over_two_blocks_is_cut_to_the_one_that_holds_most_of_it() -> None:
    text = "The Ida and the Lotte. - Bo"
    blocks = (Block(0, 22), Block(25, len(text)))
    listed = replace(found("a", text=text), article=Article("a", "Title", text, blocks))
    [candidate] = gather([listed], [[ScoredSpan(4, len(text), 1, 0, 1)]])
    assert candidate.text == "Ida and the Lotte."


def test_an_answer_is_cited_where_its_words_stand_nearby_in_the_passage_and_nowhere_else() -> None:
    best = found("b", text="Troops.")
    words = [span(best, "Troops", 9)]

    def places(text: str, like: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        passage = Passage("a:0-1", "a", start, len(text) if end is None else end)
        other = replace(found("a", text=text), passage=passage)
        at = text.index(like) - start
        [candidate] = gather([best, other], [words, [ScoredSpan(at, at + len(like), 1, 0, 1)]])
        return [(mention.start, mention.end) for mention in candidate.mentions[1:]]

    assert places("Troops came.", "Troops") == [(0, 6)]
    assert places("the Troops came.", "the Troops") == [(4, 10)]
    assert places("TROOPS came. Later more Troops came.", "TROOPS") == []
    assert places("Troops came. Later more TROOPS came.", "TROOPS") == []
    assert places("TroopsTROOPS", "TROOPS") == [(0, 6)]
    assert places("TroopsTROOPS", "TROOPS", start=3) == []
    assert places("TROOPSTroops", "TROOPS") == [(6, 12)]
    assert places("TROOPSTroops", "TROOPS", end=8) == []


def test_what_is_an_answer_already_is_cited_once_an_article() -> None:
    text = "The troops came. Then the troops left, and troops came again."
    one = found("a", text=text)
    starts = [match.start() for match in re.finditer("troops", text)]
    [candidate] = gather([one], [[ScoredSpan(start, start + 6, 9 - start / 10, 0, 1) for start in starts]])
    assert [mention.start for mention in candidate.mentions] == [4]


def test_words_that_are_all_punctuation_or_articles_stay_what_they_are() -> None:
    one = found("a", text="He said the or a, or “!”.")
    assert sorted(texts(gather([one], [[span(one, "the", 3), span(one, "a", 2), span(one, "“!”", 1)]]))) == [
        "a",
        "the",
        "“!”",
    ]


def test_nothing_found_is_no_answer() -> None:
    assert gather([], []) == []
    assert gather([found("a")], [[]]) == []


def test_a_clause_that_ends_inside_an_answer_is_noted() -> None:
    assert [breaks(text) for text in ("1,500", "U.S. troops", "Ann, a nurse", "it fell; he left", "at 10:30")] == [
        0,
        1,
        1,
        1,
        0,
    ]
