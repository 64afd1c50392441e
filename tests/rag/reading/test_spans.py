from random import Random

import numpy as np
import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.reading.spans import (
    MAX_ANSWER_CHARACTERS,
    ScoredSpan,
    Window,
    _largest,
    bare,
    decode,
    whole_characters,
    without_space,
    words_of,
)


def window(text: str) -> Window:
    """A window whose first token is no passage and whose other tokens are the words and marks of ``text``."""
    tokens = [match.span() for match in regex.finditer(r"\w+|[^\w\s]", text)]
    return Window(text, [(0, 0), *tokens], [None, *range(len(tokens))], [False, *(True for _ in tokens)])


def logits(size: int, **peaks: float) -> np.ndarray:
    values = np.zeros(size, np.float32)
    for token, value in peaks.items():
        values[int(token[1:])] = value
    return values


def best(text: str, starts: dict[str, float], ends: dict[str, float]) -> str:
    of = window(text)
    size = len(of.offsets)
    [span] = decode(of, logits(size, **starts), logits(size, **ends), 1)
    return text[span.start : span.end]


def test_start_and_end_are_chosen_together() -> None:
    text = "zero one two three four"
    # The best start (t5) and the best end (t1) make no span; the best pair does.
    assert best(text, {"t5": 9, "t2": 8}, {"t1": 9, "t3": 8}) == "one two"


def test_the_score_is_the_sum_and_null_that_of_the_first_token() -> None:
    of = window("one two three")
    [span] = decode(of, logits(4, t0=3, t2=5), logits(4, t0=1, t2=4), 1)
    assert (span.score, span.null, span.margin) == (9, 4, 5)


def test_several_spans_do_not_overlap() -> None:
    of = window("one two three four five six")
    spans = decode(of, logits(7, t1=5, t2=4, t5=3), logits(7, t2=5, t5=3), 3)
    assert (spans[0].start, spans[0].end) == (0, 7)
    assert all(a.end <= b.start or b.end <= a.start for a in spans for b in spans if a is not b)


@pytest.mark.parametrize(("last", "words"), [(30, 30), (31, 1)])
def test_a_span_has_thirty_tokens_at_most(last: int, words: int) -> None:
    text = " ".join("word" for _ in range(50))
    [span] = decode(window(text), logits(51, t1=9), logits(51, **{f"t{last}": 9}), 1)
    assert len(text[span.start : span.end].split()) == words


@pytest.mark.parametrize(("tokens", "found"), [(30, 1), (31, 0)])
def test_a_word_of_more_tokens_than_a_span_may_have_is_no_answer(tokens: int, found: int) -> None:
    of = Window("x" * tokens, [(at, at + 1) for at in range(tokens)], [0] * tokens, [True] * tokens)
    assert len(decode(of, logits(tokens, t0=9), logits(tokens), 3)) == found


def test_answers_may_touch() -> None:
    of = Window("12km", [(0, 0), (0, 2), (2, 4)], [None, 0, 1], [False, True, True])
    peaks = logits(3, t1=9, t2=8)
    for first, second in ((peaks, peaks), (peaks[[0, 2, 1]], peaks[[0, 2, 1]])):
        assert sorted(of.text[span.start : span.end] for span in decode(of, first, second, 2)) == ["12", "km"]


@given(st.integers(1, 80), st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_best_spans_are_those_that_trying_all_finds(words: int, limit: int, random: Random) -> None:
    of = window(" ".join("word" for _ in range(words)))
    starts, ends = (np.array([random.randint(0, 9) for _ in range(words + 1)], np.float32) for _ in range(2))
    pairs = [(a, b) for a in range(1, words + 1) for b in range(a, min(words + 1, a + 30))]
    pairs.sort(key=lambda pair: -float(starts[pair[0]] + ends[pair[1]]))
    kept: list[tuple[int, int]] = []
    for a, b in pairs[: max(150, 50 * limit)]:
        if len(kept) < limit and all(b < c or d < a for c, d in kept):
            kept.append((a, b))
    spans = decode(of, starts, ends, limit)
    assert [(span.start, span.end) for span in spans] == [(of.offsets[a][0], of.offsets[b][1]) for a, b in kept]


@given(
    st.lists(st.integers(0, 20).map(float), min_size=1, max_size=60),
    st.integers(1, 70),
)
def test_the_largest_are_those_of_a_full_sort(scores: list[float], count: int) -> None:
    values = np.array(scores, np.float32)
    assert _largest(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()


def test_a_span_stays_in_its_paragraph() -> None:
    assert "\n" not in best("first words\n\nsecond words", {"t1": 9}, {"t4": 9, "t2": 1})
    assert best("Rain\n\nfell hard", {"t1": 9}, {"t2": 9, "t1": 1}) == "Rain"
    assert best("Rain fell\n\nall night long", {"t3": 9}, {"t5": 9}) == "all night long"


def test_a_lone_carriage_return_ends_a_paragraph_too() -> None:
    assert "\r" not in best("first words\r\rsecond words", {"t1": 9}, {"t4": 9, "t2": 1})


@pytest.mark.parametrize(("length", "found"), [(MAX_ANSWER_CHARACTERS, 2), (MAX_ANSWER_CHARACTERS + 1, 1)])
def test_an_answer_is_never_longer_than_a_few_lines(length: int, found: int) -> None:
    of = window("x" * length + " short")
    answers = [of.text[span.start : span.end] for span in decode(of, logits(3, t1=9), logits(3, t1=9), 3)]
    assert answers == ["x" * length, "short"][-found:]


def test_no_span_opens_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    assert best("he said , nine ( about )", {"t3": 9, "t4": 5}, {"t5": 9, "t4": 5}) == "nine"


def test_part_of_a_word_is_never_an_answer() -> None:
    of = Window("unhappiness grew", [(0, 2), (2, 7), (7, 11), (12, 16)], [0, 0, 0, 1], [True] * 4)
    [span] = decode(of, logits(4, t1=9), logits(4, t1=9), 1)
    assert (span.start, span.end) in {(0, 11), (0, 16), (12, 16)}
    behind = Window(of.text, [(0, 0), *of.offsets], [None, *of.words], [False, *of.in_passage])
    assert [(span.start, span.end) for span in decode(behind, logits(5, t2=9), logits(5, t1=9), 1)] == [(0, 11)]


def test_a_passage_of_one_word_can_be_the_answer() -> None:
    of = Window("unhappiness", [(0, 2), (2, 7), (7, 11)], [0, 0, 0], [True] * 3)
    [span] = decode(of, logits(3), logits(3), 1)
    assert (span.start, span.end) == (0, 11)


def test_nothing_to_read_gives_no_span() -> None:
    assert decode(Window("", [(0, 0)], [None], [False]), logits(1), logits(1), 3) == []
    assert decode(window("!? …"), logits(4), logits(4), 3) == []


@given(st.data())
def test_every_span_is_inside_the_text_and_holds_a_word(data: st.DataObject) -> None:
    of = window(data.draw(st.text(max_size=60)))
    size = len(of.offsets)
    scores = st.lists(st.floats(-20, 20, width=32), min_size=size, max_size=size)
    spans = decode(of, np.array(data.draw(scores), np.float32), np.array(data.draw(scores), np.float32), 3)
    for span in spans:
        assert 0 <= span.start < span.end <= len(of.text)
        assert regex.search(r"\w", of.text[span.start : span.end])
    assert sorted(spans, key=lambda span: -span.score) == spans


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("cafe\u0301 bar", 0, 4, "cafe\u0301"),
        ("a 👩‍👩‍👧 b", 2, 3, "👩‍👩‍👧"),
        ("go 🇫🇷!", 4, 5, "🇫🇷"),
        ("one\r\ntwo", 0, 4, "one\r\n"),
        ("plain text", 0, 5, "plain"),
        ("한국", 0, 1, "한"),
        ("नमस्ते", 0, 3, "नमस्ते"),
        ("e\u0301te\u0301", 1, 2, "e\u0301"),
        ("x" * 40 + "e\u0301", 40, 41, "e\u0301"),
    ],
)
def test_characters_are_kept_whole(text: str, start: int, end: int, expected: str) -> None:
    first, last = whole_characters(text, start, end)
    assert text[first:last] == expected
    assert first <= start
    assert end <= last


PIECES = ["a", "\u0301", "👩", "\u200d", "👧🏽", "🇫🇷", "\r", "\n", "한", "स्", "ते", " "]
MIXED = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
)


@given(st.integers(0, 40), MIXED, st.integers(0, 60), st.integers(0, 60))
def test_widened_spans_begin_and_end_at_the_nearest_grapheme_boundaries(
    before: int, text: str, one: int, other: int
) -> None:
    text = "x" * before + text
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    assume(start < end)
    boundaries = [0, *(match.end() for match in regex.finditer(r"\X", text))]
    expected = max(at for at in boundaries if at <= start), min(at for at in boundaries if at >= end)
    assert whole_characters(text, start, end) == expected


def test_the_margin_is_over_no_answer() -> None:
    assert ScoredSpan(0, 1, 5.0, 7.0, 6.0).margin == -2.0


def test_presence_is_the_log_odds_of_any_span_against_none() -> None:
    of = window("one two")
    starts, ends = logits(3, t0=1, t1=2, t2=0.5), logits(3, t0=0.25, t2=1.5)
    scores = [2 + 0, 2 + 1.5, 0.5 + 1.5]
    for span in decode(of, starts, ends, 2):
        assert span.presence == pytest.approx(np.log(np.exp(scores).sum()) - 1.25, abs=1e-5)
        assert span.presence > span.margin


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        ("Rollo, 1990", ["Roll", "o", ",", "1990"], [0, 0, 1, 2]),
        ("人口は1400万人", ["人口", "は", "1400", "万人"], [0, 1, 2, 3]),
        ("नया मोबाइल", ["नय", "ा", "मोब", "ाइल"], [0, 0, 1, 1]),
    ],
)
def test_words_of_tokens_that_know_no_words(text: str, tokens: list[str], words: list[int]) -> None:
    places, at = [], 0
    for token in tokens:
        at = text.index(token, at)
        places.append((at, at + len(token)))
        at += len(token)
    first, *_ = found = words_of(text, places)
    assert [word - first for word in found] == words


@pytest.mark.parametrize(
    ("token", "kept"), [("2006.", "2006"), ("(1990)", "1990"), ("$12.80", "$12.80"), ("46%", "46%"), (".", ".")]
)
def test_a_token_is_its_word_without_the_marks_around_it(token: str, kept: str) -> None:
    start, end = bare(token, 0, len(token))
    assert token[start:end] == kept


def test_a_space_before_a_token_is_no_part_of_it() -> None:
    assert without_space("a \n b", 1, 5) == (4, 5)
    assert without_space("a ", 1, 2) == (2, 2)
