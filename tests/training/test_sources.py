"""What readers learn from beside the data folder: conversations and own questions keep their answers."""

import json
from pathlib import Path

from training.data import CONVERSATIONS, TextSpan
from training.sources import conversations, own_conversations, own_questions

TEXT = "Nadia Sarraf won the Lantern Prize in Oslo on 4 May. She will spend the money on a library."


def test_follow_ups_are_read_as_the_service_writes_them(tmp_path: Path) -> None:
    turns = [
        {"question": "Who won the Lantern Prize?", "answers": ["Nadia Sarraf"], "follow_up": False},
        {"question": "When did she win it?", "answers": ["4 May"], "follow_up": True},
        {"question": "And how much was it?", "answers": [], "follow_up": True},
        {"question": "Who paid it?", "answers": ["not in the text"], "follow_up": True},
    ]
    row = {"id": "c", "article": "prize", "title": "A prize", "text": TEXT, "turns": turns}
    other = {**row, "article": "kept for reporting"}
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (row, other)), encoding="utf-8")
    found = list(conversations(file, {"prize"}))
    assert [example.id for example in found] == ["c#1", "c#2"]
    assert all(example.source == CONVERSATIONS and example.headline == "A prize" for example in found)
    assert found[0].question.startswith("When did she win it? (")
    assert "Nadia Sarraf" in found[0].question
    assert [span.text for span in found[0].answers] == ["4 May"]
    assert found[1].answers == ()


ARTICLES = {"prize": {"id": "prize", "title": "Sarraf wins", "date": "2024-05-04", "text": TEXT}}


def test_own_follow_ups_have_their_answers_by_place(tmp_path: Path) -> None:
    start = TEXT.index("4 May")
    turns = [
        {"question": "Who won the Lantern Prize?", "answers": [[0, len("Nadia Sarraf")]]},
        {"question": "When did she win it?", "standalone": "When?", "terms": [], "answers": [[start, start + 5]]},
        {"question": "And why?", "standalone": "Why?", "terms": [], "answers": []},
    ]
    file = tmp_path / "own.jsonl"
    lines = [json.dumps({"article": article, "turns": turns}) for article in ("prize", "kept for reporting")]
    file.write_text("\n".join(lines), encoding="utf-8")
    found = list(own_conversations(ARTICLES, [file], {"kept for reporting"}))
    assert [example.id for example in found] == ["own-0#1", "own-0#2"]
    assert found[0].question.startswith("When did she win it? (")
    assert found[0].answers == (TextSpan("4 May", start),)
    assert not found[1].spans


def test_own_questions_are_answered_by_the_text_by_its_title_or_not_at_all(tmp_path: Path) -> None:
    start = TEXT.index("4 May")
    rows = [
        {"article": "prize", "question": "When did Sarraf win?", "kind": "fact", "answer": [start, start + 5]},
        {"article": "prize", "question": "Which Sarraf?", "kind": "headline", "headline": [0, 6]},
        {"article": "prize", "question": "When did Sarraf lose?", "kind": "opposite"},
    ]
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    answered, titled, not_answered = own_questions(ARTICLES, file)
    assert answered.spans == (TextSpan("4 May", start + len("Sarraf wins\n")),)
    assert titled.target() == TextSpan("Sarraf", 0)
    assert (not_answered.spans, not_answered.kind) == ((), "opposite")
