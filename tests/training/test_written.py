import gzip
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from index.article import title_span
from training.data import half_of
from training.written import FILES, articles, golds

BODY = "The mill burned on Monday.\n\nNobody was hurt,\nthe mayor said."


def row(number: int, **changes: Any) -> dict[str, Any]:
    answers = [{"text": "on Monday", "start": BODY.index("on Monday")}]
    return {
        "id": f"q{number}", "source": "news-written", "split": "test", "kind": "fact", "article": f"a{number}",
        "title": f"Fire {number} at Kelm", "date": "2020-01-02", "url": None, "question": "When did it burn?",
        "context": BODY, "answers": answers, "title_answers": [],
    } | changes  # fmt: skip


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    for name, part in zip(FILES, (rows, []), strict=True):
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(item) + "\n" for item in part)
    return folder


def test_an_article_is_its_title_and_its_paragraphs(tmp_path: Path) -> None:
    data = write(tmp_path, [row(1), row(2, id="q3", article="a1"), row(4, date=None)])
    first, second = articles(data)
    assert [first.text[block.start : block.end] for block in first.blocks] == [
        "The mill burned on Monday.",
        "Nobody was hurt,",
        "the mayor said.",
    ]
    assert title_span(first) == (0, len(first.title))
    assert (first.tags, second.published) == (("a1",), None)


def test_questions_are_those_of_their_split_and_the_headline_may_answer(tmp_path: Path) -> None:
    rows = [row(number, split="dev") for number in range(20)]
    rows += [row(90, answers=[], title_answers=[{"text": "Fire", "start": 0}], kind="headline"), row(91, answers=[])]
    data = write(tmp_path, rows)
    assert {kind: len(part) for kind, part in golds(data, ["test"]).items()} == {"fact": 1, "headline": 1}
    assert golds(data, ["test"])["headline"][0].answers == ("Fire",)
    assert golds(data, ["test"])["fact"][0].answers == ()
    halves = [{gold.title for gold in golds(data, [name])["fact"]} for name in ("dev-0", "dev-1")]
    assert halves[0].isdisjoint(halves[1])
    assert all(half_of(title) == 0 for title in halves[0])
    assert {gold.title for gold in golds(data, ["dev"])["fact"]} == halves[0] | halves[1]
