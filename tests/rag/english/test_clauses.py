import pytest

from rag.english.clauses import clause_around, lacks_a_verb


@pytest.mark.parametrize(
    ("sentence", "words", "clause"),
    [
        ("The mill was sold in May, but nobody moved in.", "nobody", "nobody moved in"),
        ("The mill was sold in May, but nobody moved in.", "May", "The mill was sold in May"),
        ("Although the ferry was late, which angered many, it left.", "late", "the ferry was late"),
        ("The bridge is closed; cars wait.", "cars", "cars wait"),
        ("“It is over,” she said.", "over", "It is over,” she said"),
        ("The mill was sold, and the town paid.", "sold, and the town", "The mill was sold, and the town paid"),
    ],
)
def test_a_clause_ends_where_another_begins(sentence: str, words: str, clause: str) -> None:
    start = sentence.index(words)
    first, last = clause_around(sentence, 0, len(sentence), start, start + len(words))
    assert sentence[first:last] == clause


def test_words_without_a_verb_are_no_clause() -> None:
    assert lacks_a_verb("Ann Lee, a former harbour master")
    assert not lacks_a_verb("the mill was sold")
    assert not lacks_a_verb("nobody moved")
