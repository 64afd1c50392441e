"""A quote is found again after its article changed."""

from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from index.storage.store import Store
from index.storage.store_writer import StoreWriter
from rag.citing.citation import Citation, cite
from rag.citing.verification import Match, Verification, find, verify
from tests.support.cost import seconds

TEXT = (
    "The harbour froze on Tuesday. “It came overnight,” said Ann Lee, the harbour master. “We had no warning at all.”"
    "\n\n"
    "Ferries stayed in port. Two tugs – the Ida and the Lotte – broke the ice. Nobody was hurt, though 14 boats leak."
    "\n\n"
    "The council will meet on Friday to talk about a second breakwater, which would cost about 3 million crowns."
)
ARTICLE = Article("harbour", "Harbour freezes", TEXT, (Block(0, len(TEXT)),))
PASSAGE = Passage("harbour:0-1", "harbour", 0, 1)
OTHER = (
    "Jazz came to the valley with the railway. On Sundays the miners’ band played in the square, and people danced "
    "until the last train left. Few recordings survive."
)


def cited(words: str) -> Citation:
    start = TEXT.index(words)
    return cite(ARTICLE, PASSAGE, start, start + len(words), "000001-abcdef01")


def check(tmp_path_factory: pytest.TempPathFactory, text: str, citation: Citation) -> Verification:
    path = tmp_path_factory.mktemp("store") / "text.sqlite"
    with StoreWriter(path) as writer:
        writer.add(replace(ARTICLE, text=text, blocks=(Block(0, len(text)),)), [PASSAGE])
    result = verify(Store(path), citation)
    if result.quote_start is not None:
        assert text[result.quote_start : result.quote_end] == result.quote
    if result.start is not None:
        assert text[result.start : result.end] == result.text
    return result


def test_found_where_it_was(tmp_path_factory: pytest.TempPathFactory) -> None:
    citation = cited("Ann Lee")
    places = (citation.start, citation.end, "Ann Lee", citation.quote_start, citation.quote_end, citation.quote)
    assert check(tmp_path_factory, TEXT, citation) == Verification("found", *places, 1.0)
    assert check(tmp_path_factory, TEXT.replace("Friday", "Monday"), citation).status == "found"


def test_moved(tmp_path_factory: pytest.TempPathFactory) -> None:
    citation = cited("Ann Lee")
    result = check(tmp_path_factory, "Corrected at noon.\n\n" + TEXT, citation)
    assert (result.status, result.start, result.similarity) == ("moved", citation.start + 20, 1.0)


def test_other_line_ends_move_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = TEXT.replace("\n", "\r\n").replace("the Ida and", "the\r\nIda and")
    result = check(tmp_path_factory, text, cited("broke the ice"))
    assert (result.status, result.text, result.similarity) == ("moved", "broke the ice", 1.0)


@pytest.mark.parametrize(
    ("old", "new", "answer", "today"),
    [
        ("Tuesday", "Monday", "Tuesday", "Monday"),
        ("Tuesday", "Monday", "harbour", "harbour"),
        ("14 boats leak", "15 boats leak", "14", "15"),
        ("the Ida and the Lotte", "the Lotte", "Two tugs", "Two tugs"),
        (" – the Ida and the Lotte – ", " ", "the Ida and the Lotte", None),
        ("about 3 million", "at least 4.5 million", "3 million", "4.5 million"),
        ("Ferries stayed in port.", "All boats of the line were kept in port.", "Ferries", "All boats"),
    ],
)
def test_changed(tmp_path_factory: pytest.TempPathFactory, old: str, new: str, answer: str, today: str | None) -> None:
    text = "Corrected at noon. " + TEXT.replace(old, new)
    result = check(tmp_path_factory, text, cited(answer))
    assert (result.status, result.text) == ("changed", today)
    assert result.similarity is not None
    assert 0.2 < result.similarity < 1


def test_gone(tmp_path_factory: pytest.TempPathFactory) -> None:
    citation = cited("Tuesday")
    assert check(tmp_path_factory, OTHER, citation) == Verification("gone")
    assert check(tmp_path_factory, TEXT, replace(citation, article_id="other")) == Verification("gone")


def test_a_sentence_that_was_taken_out_is_gone() -> None:
    citation = cited("Two tugs")
    text = TEXT.replace(citation.quote + " ", "")
    assert find(text, citation.quote, citation.quote_start, citation.prefix, citation.suffix) is None


def test_of_several_the_one_in_the_old_surroundings_counts() -> None:
    citation = cited("Ferries")
    text = f"{citation.quote} Elsewhere. {TEXT} {citation.quote}"
    match = find(text, citation.quote, 0, citation.prefix, citation.suffix)
    assert match == Match(text.index("\n\nFerries") + 2, text.index(" Two tugs"), 1.0)


def test_the_same_words_at_the_old_place_by_chance_are_not_the_quote() -> None:
    lines = [f"Match {number} was won by the home side. It rained." for number in range(10)]
    old, new = " ".join(lines), " ".join(lines[2:])
    at = old.index("It rained", old.index("Match 4"))
    match = find(new, "It rained.", at, old[at - 32 : at], old[at + 10 : at + 42])
    assert match == Match(new.index("It rained", new.index("Match 4")), new.index(" Match 5"), 1.0)


def test_among_thousands_of_equal_places_the_nearest_counts() -> None:
    assert find("ab " * 100_000, "ab", 150_000) == Match(150_000, 150_002, 1.0)


def test_unspaced_scripts() -> None:
    text = "海港は火曜日に凍った。「一晩で来た」と港長は言った。船は港にとどまった。二隻の曳船が氷を砕いた。"
    new = "正午に訂正。" + text.replace("二隻", "三隻")
    match = find(new, "二隻の曳船が氷を砕いた。", 40, "船は港にとどまった。", "")
    assert match is not None
    assert new[match.start : match.end] == "三隻の曳船が氷を砕いた。"


words = st.lists(st.sampled_from(sorted(set(OTHER.split() + TEXT.split()))), min_size=1, max_size=40).map(" ".join)


@given(before=words, after=words, gap=st.sampled_from([" ", "\n\n", "\r\n", "\u3000"]))
def test_edits_elsewhere_move_the_quote(before: str, after: str, gap: str) -> None:
    citation = cited("broke the ice")
    text = f"{before}{gap}{citation.quote.replace(' ', gap)}{gap}{after}"
    assume(citation.quote not in before + after)
    match = find(text, citation.quote, citation.quote_start, citation.prefix, citation.suffix)
    start = len(before + gap)
    assert match == Match(start, start + len(citation.quote.replace(" ", gap)), 1.0)


@given(
    at=st.integers(0, len(TEXT)),
    cut=st.integers(0, 6),
    put=st.text(st.characters(codec="utf-8"), max_size=6),
    before=words,
)
@example(at=0, cut=0, put="0", before="The")
def test_a_small_edit_loses_nothing(at: int, cut: int, put: str, before: str) -> None:
    citation = cited("second breakwater")
    text = f"{before}\n\n{TEXT[:at]}{put}{TEXT[at + cut :]}"
    match = find(text, citation.quote, citation.quote_start, citation.prefix, citation.suffix)
    assert match is not None
    assert match.similarity > 0.8
    low, high = citation.quote_start, citation.quote_start + len(citation.quote)
    shift = len(before) + 2 + (len(put) - cut if at + cut <= low else 0)
    if at + cut <= low or high <= at:
        assert match == Match(low + shift, high + shift, 1.0)


@given(
    st.text(st.characters(codec="utf-8"), max_size=200),
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.integers(0, 300),
)
def test_any_text_and_any_quote(text: str, quote: str, near: int) -> None:
    match = find(text, quote, near, quote[:5], quote[-5:])
    if match is None:
        assert not quote.strip() or quote not in text
        return
    assert 0 <= match.start < match.end <= len(text)
    assert (match.similarity == 1) == (text[match.start : match.end].split() == quote.split())


@pytest.mark.slow
@pytest.mark.parametrize("quote", ["x" * 2000, "the ice and the port " * 95, " ".join(TEXT.split()).replace("e", "3")])
def test_a_long_article_takes_bounded_time(quote: str) -> None:
    def look(copies: int) -> None:
        text = "\n\n".join(f"{number} {TEXT}" for number in range(copies))
        find(text, quote, len(text) // 2, "on Friday to talk about a second", "which would cost about 3 million")

    whole = seconds(lambda: look(3000))
    assert whole < 4
    assert whole < 4 * max(seconds(lambda: look(1500)), 0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "quote"), [("a ", "a " * 900 + "b"), ("a", "a" * 1999 + "b")])
def test_repetitions_take_bounded_time(unit: str, quote: str) -> None:
    whole = unit * (1_000_000 // len(unit))
    longest = seconds(lambda: find(whole, quote))
    assert longest < 4
    assert longest < 4 * max(seconds(lambda: find(whole[: len(whole) // 2], quote)), 0.01)
