"""The page that shows an evaluation stands by itself, shows everything, and lets nothing in it act."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.charts import Axis, Dot, Line, chart, nice_most
from api.cli.report import ERRORS, html_report, worst
from rag.evaluating.comparison import compare, read_evaluation
from rag.evaluating.evaluation import as_json
from tests.support.evaluations import SOME, judged

ABOUT = {"questions": "q.jsonl", "index": "000001-abc"}


def test_the_page_shows_figures_charts_and_errors() -> None:
    page = html_report(SOME, 0.5, ABOUT)
    assert page.count("<svg") == 4
    for told in ("Evaluation of q.jsonl", "000001-abc", "recall@20", "made up", "not among the 20 passages found"):
        assert told in page
    assert "Some <mark>words</mark>." in page
    assert "What changed" not in page


def test_the_page_asks_nothing_of_others() -> None:
    page = html_report(SOME, 0.5, ABOUT)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:,)|url\(|@import|<script""", page)


def test_words_of_articles_and_questions_stay_words() -> None:
    evil = '"><script>alert(1)</script>'
    item = replace(judged(evil, (evil,), 0.9, 0.0), question=evil, answer=evil, quote=evil, start=0, end=len(evil))
    page = html_report([replace(item, title=evil, kind=evil)], 0.5, {"questions": evil})
    assert "<script" not in page


def test_a_comparison_is_shown_question_by_question(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(as_json(SOME)))
    now = [replace(SOME[0], answer="other", f1=0.0), *SOME[1:]]
    page = html_report(now, 0.5, ABOUT, compare(read_evaluation(tmp_path / "old.json"), now))
    assert "Worse (1)" in page
    assert "Better" not in page
    assert "before 0.667" in page


def test_the_worst_comes_first_and_the_page_stays_readable() -> None:
    assert [item.id for item in worst(SOME)] == ["wrong", "invented", "held back"]
    many = [judged(f"q{number}", ("nothing",), 0.5 + number / 1000, 0.0) for number in range(ERRORS + 5)]
    page = html_report(many, 0.5, ABOUT)
    assert f"The {ERRORS} worst of {ERRORS + 5}." in page
    assert page.count('class="error ') == ERRORS


def test_questions_that_all_go_well_make_a_page_too() -> None:
    page = html_report([SOME[0]], 0.5, ABOUT)
    assert "<p>None.</p>" in page


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=5), st.text(max_size=20))
def test_a_chart_is_well_formed_and_draws_inside_its_axes(points: list[tuple[float, float]], words: str) -> None:
    words = "".join(character for character in words if character.isprintable())
    drawn = chart(words, Axis("x"), Axis("y", 5.0, percent=False), [Line(points, "line", words)], [Dot(9, 9, 1, words)])
    root = ElementTree.fromstring(drawn)
    for pair in (root.find("polyline").get("points") or "").split():  # type: ignore[union-attr]
        across, down = map(float, pair.split(","))
        assert 0 <= across <= 380
        assert 0 <= down <= 300


@pytest.mark.parametrize(("value", "most"), [(0, 1), (1, 1), (1.5, 2), (3, 5), (70, 100), (100, 100), (0.03, 0.05)])
def test_an_axis_ends_at_a_round_number(value: float, most: float) -> None:
    assert nice_most(value) == pytest.approx(most)
