"""Sentences: spans into the paragraph, each sentence of a quotation by itself."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentences
from tests.support.paths import ROOT

GOLD = ROOT / "benchmarks" / "data" / "sentences.jsonl"


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_a_long_paragraph_is_split_window_by_window_and_nothing_changes() -> None:
    some = [
        "It rained in St. James’s Park on Wed. Nov. 3, Ms. Green said.",
        "“Are you sure? I am not,” asked J. K. Rowling (who came late).",
        "He paid $1.5 million at No. 10, e.g. in cash!",
        "iPhone sales fell; nobody knew why…",
        "東京で雨が降った。",
    ]
    text = " ".join(some * 120)
    assert len(text) > 20_000
    assert split(text) == split(" ".join(some)) * 120


@pytest.mark.parametrize(
    "whole",
    [
        "U.S. Defense Secretary Lloyd Austin spoke.",
        "He lived at No. 10 Downing Street, near St. James's Park.",
        "J. K. Rowling and J.R.R. Tolkien met Ms. Green on Wed. Nov. 3 at 9 a.m. in Washington, D.C. for $1.5 million.",
        '"Are you sure?" he asked.',
        "I thought ... maybe not.",
        "Yahoo! shares fell.",
        "Is it over (really?) or not?",
    ],
)
def test_these_are_one_sentence(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    "parts",
    [
        [
            '"What are they doing?',
            'Left to be seen," he told journalists.',
            '"It is a very serious issue."',
            "He left.",
        ],
        ["“We lost.", "We will be back,” he said.", "“Soon.”"],
        ["« C'est fini. »", "« Nous partons. »"],
        ["He moved to the U.S.", "He said it was time."],
        ["It was true.", "(The price was not disclosed.)", "It will move."],
        ["It was new.", "iPhone sales rose."],
        ["هل يعود غدا؟", "لا أحد يعرف."],
    ],
)
def test_these_are_several(parts: list[str]) -> None:
    assert split("  ".join(parts)) == parts


def test_sentences_need_no_space_where_the_script_has_none() -> None:
    assert split("他说战争结束了。你呢？太好了！") == ["他说战争结束了。", "你呢？", "太好了！"]


def test_it_is_right_about_nearly_all_labelled_news_snippets() -> None:
    gold = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    right = sum(split(snippet.get("gap", " ").join(snippet["sentences"])) == snippet["sentences"] for snippet in gold)
    assert right >= 0.93 * len(gold)


def test_blank_text_has_no_sentence() -> None:
    assert sentences("") == sentences(" \n\u2028") == []


@given(
    st.text(
        st.one_of(st.sampled_from("ab. ?!\"'“”()A1é\u3002\u0301\u200d😀\u2028\t\r\n"), st.characters()), max_size=150
    )
)
def test_spans_are_in_order_trimmed_and_cover_all_that_is_visible(text: str) -> None:
    spans = sentences(text)
    assert spans == sentences(text)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


def test_long_texts_take_linear_time() -> None:
    assert len(sentences("中。" * 20_000)) == 20_000
    assert len(sentences('"' * 50_000 + "' " * 20_000)) == 1
