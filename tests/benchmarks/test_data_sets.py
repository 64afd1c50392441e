"""Public data sets come out as benchmarks and training read them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.corpora import read_corpus
from benchmarks.data_sets import reuters_articles
from benchmarks.incremental import read_corpus as read_articles
from tests.support.paths import ROOT
from training.data import read_examples


def _convert(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.data_sets", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_squad_becomes_questions_and_a_retrieval_set(tmp_path: Path) -> None:
    first = "Kenya’s longest river is the Tana. It reaches the sea at Kipini."
    paragraphs = [
        {
            "context": first,
            "qas": [
                {"id": "a", "question": "Which river?", "answers": [{"text": "the Tana", "answer_start": 25}] * 3},
                {
                    "id": "b",
                    "question": "Which lake?",
                    "is_impossible": True,
                    "answers": [],
                    "plausible_answers": [{"text": "Kipini", "answer_start": 57}],
                },
            ],
        },
        {
            "context": "Mombasa has a port.",
            "qas": [{"id": "c", "question": "What has it?", "answers": [{"text": "a port", "answer_start": 12}]}],
        },
    ]
    others = [
        {"title": "Elsewhere", "paragraphs": [{"context": "x", "qas": [{"id": "d", "question": "?", "answers": []}]}]}
    ]
    source = tmp_path / "dev.json"
    source.write_text(json.dumps({"data": [{"title": "Kenya", "paragraphs": paragraphs}, *others]}), encoding="utf-8")
    done = _convert("squad", source, tmp_path / "made.jsonl.gz")
    assert (done.returncode, done.stdout) == (0, "3 questions\n")
    examples = list(read_examples(tmp_path / "made.jsonl.gz"))
    assert [(example.id, example.title, len(example.answers)) for example in examples] == [
        ("a", "Kenya", 3),
        ("b", "Kenya", 0),
        ("c", "Kenya", 1),
    ]
    corpus = read_corpus(tmp_path / "made")
    assert [article.text for article in corpus.articles] == [first, "Mombasa has a port."]
    assert corpus.relevant == {"a": {"d0"}, "b": {"d0"}, "c": {"d1"}}
    assert _convert("squad", source, tmp_path / "whole.jsonl.gz", "--all").stdout == "4 questions\n"


def test_squad_without_answers_to_train_on(tmp_path: Path) -> None:
    questions = [
        {"id": "a", "question": "Which?", "answers": [{"text": "x", "answer_start": 0}]},
        {"id": "b", "question": "Who?", "is_impossible": True, "answers": []},
    ]
    source = tmp_path / "train.json"
    article = {"title": "Anything", "paragraphs": [{"context": "x", "qas": questions}]}
    source.write_text(json.dumps({"data": [article]}), encoding="utf-8")
    out = tmp_path / "train.jsonl.gz"
    assert _convert("squad", source, out, "--all", "--unanswerable", "--source", "squad-v2.0-train").returncode == 0
    assert [(example.id, example.source) for example in read_examples(out)] == [("b", "squad-v2.0-train")]


def test_reuters_becomes_articles(tmp_path: Path) -> None:
    (tmp_path / "reut2-000.sgm").write_bytes(
        b"""<!DOCTYPE lewis SYSTEM "lewis.dtd">
<REUTERS TOPICS="YES" OLDID="1" NEWID="7">
<DATE>26-FEB-1987 15:01:01.79</DATE>
<TEXT>&#2;
<TITLE>ORE MINES &lt;ORM> OPEN</TITLE>
<DATELINE>    CALLORY, Feb 26 - </DATELINE><BODY>The mines opened
on Monday, the firm said.
    It said 40 people
work there.
 REUTER
&#3;</BODY></TEXT>
</REUTERS>
<REUTERS NEWID="8"><DATE>x</DATE><TEXT TYPE="BRIEF"><TITLE>NO TEXT</TITLE></TEXT></REUTERS>
<REUTERS NEWID="9"><DATE>x</DATE><TEXT><TITLE>AGAIN</TITLE><BODY>The mines opened
on Monday, the firm said.
    It said 40 people
work there.
 Reuter
&#3;</BODY></TEXT></REUTERS>
"""
    )
    out = tmp_path / "news.jsonl.gz"
    done = _convert("reuters", tmp_path, out)
    assert (done.returncode, done.stdout) == (0, "1 articles\n")
    text = "The mines opened on Monday, the firm said.\nIt said 40 people work there."
    assert read_articles(out, 10) == {"reuters-7": {"title": "ORE MINES <ORM> OPEN", "text": text}}


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="unpack Reuters-21578 there"):
        list(reuters_articles(tmp_path))
    done = _convert("reuters", tmp_path, tmp_path / "news.txt")
    assert "has to end in .jsonl.gz" in done.stderr
