import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from training import verdict
from training.context import rows
from training.logistic import fit
from training.verdict import Row, report, restated, written

STORY = "The old mill in Brennick was sold to the town on Monday. It cost nine million crowns, says Ann Lee."


def write(folder: Path, *changes: dict[str, Any]) -> None:
    usual = {"split": "train", "kind": "yes_no", "article": "mill", "title": "A mill", "context": STORY}
    for name in ("news_written.jsonl.gz", "documents_written.jsonl.gz"):
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            for number, change in enumerate(changes if name.startswith("news") else ()):
                file.write(json.dumps(usual | {"id": str(number)} | change) + "\n")


def test_a_sentence_is_asked_once_as_it_stands_and_once_denied(tmp_path: Path) -> None:
    write(tmp_path, {}, {"article": "test", "split": "test"})
    question = "Was the old mill in Brennick sold to the town on Monday?"
    clause = "The old mill in Brennick was sold to the town on Monday."
    assert restated(tmp_path) == [
        Row("mill", question, clause, True, False),
        Row("mill", question, clause.replace("was sold", "was not sold"), False, False),
    ]


def test_written_questions_are_those_with_a_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "verdicts.json").write_text('{"0": "yes"}')
    monkeypatch.setattr(verdict, "VERDICTS", tmp_path / "verdicts.json")
    asked = {"question": "Was it sold?", "answers": [{"text": "was sold", "start": 25}]}
    write(tmp_path, asked, asked)
    assert written(tmp_path) == [Row("mill", "Was it sold?", "was sold", True, False)]


def test_what_tells_gets_weight_and_what_does_not_gets_none() -> None:
    told = [{"sign": float(at % 2), "noise": float(at % 3)} for at in range(60)]
    model = fit(told, [at % 2 == 1 for at in range(60)], "own rows")
    assert model.weights["sign"] > 2
    assert abs(model.weights["noise"]) < 0.2
    assert model.probability(told[1]) > 0.8 > 0.2 > model.probability(told[0])


def test_precision_and_recall_of_both_verdicts_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    told = [Row("a", "Was it sold?", "it was sold", is_yes, True) for is_yes in (True, True, False)]
    denied = Row("a", "Was it sold?", "she denies it", False, True)
    report("own", [*told, denied], [0.9, 0.5, 0.99, 0.01])
    assert capsys.readouterr().out.splitlines() == [
        "own: yes given 2, precision 0.500, recall 0.500 of 2",
        "own: no given 0, precision 0.000, recall 0.000 of 2",
    ]


def test_rows_of_context_have_a_sentence_before(tmp_path: Path) -> None:
    there = {"question": "How much did it cost?", "answers": [{"text": "nine million", "start": STORY.index("nine")}]}
    first = {"question": "What was sold?", "answers": [{"text": "The old mill", "start": 0}]}
    write(tmp_path, there | {"kind": "sentence_before"}, there | {"kind": "fact"}, first | {"kind": "fact"}, first)
    assert [(row.is_needed, row.split) for row in rows(tmp_path)] == [(True, "train"), (False, "train")]
