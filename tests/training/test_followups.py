import gzip
import json
from pathlib import Path

from rag.english.leaning import Exchange, signs_of_leaning, signs_of_terms
from training.followups import Said, conversations, cross_validated, rows, standing_alone
from training.sources import OWN_CONVERSATIONS, TEXTS

PRIZE = [
    Said("Who won the Lantern Prize?", None, "Nadim Sarraf", ()),
    Said("How old is he?", "How old is Nadim Sarraf?", "41", ("Nadim Sarraf",)),
]
FERRY = [Said("What did the ferry cost?", None, "34 million crowns", ())]


def test_conversations_are_those_of_the_folder_and_our_own(tmp_path: Path) -> None:
    (tmp_path / "conversations").mkdir()
    turns = [
        {"question": turn.question, "standalone": turn.standalone or turn.question, "answers": [turn.answer]}
        | {"terms": turn.terms, "follow_up": turn.standalone is not None}
        for turn in PRIZE
    ]
    (tmp_path / "conversations" / "train.jsonl").write_text(json.dumps({"turns": turns}) + "\n")
    ids = {json.loads(line)["article"] for line in OWN_CONVERSATIONS[0].read_text(encoding="utf-8").splitlines()}
    (tmp_path / "texts").mkdir()
    for name, known in zip(TEXTS, (ids, ()), strict=True):
        with gzip.open(tmp_path / name, "wt") as file:
            file.writelines(json.dumps({"id": identifier, "text": "x" * 9000}) + "\n" for identifier in known)
    found = conversations(tmp_path)
    assert found[0] == PRIZE
    assert found[1][0].answer.strip("x") == ""
    assert len(found) == 1 + 200 + 49


def test_a_row_is_a_question_after_others_or_a_mention_that_it_might_lean_on() -> None:
    asked, spoken = rows([PRIZE, FERRY])
    past = [Exchange(PRIZE[0].question, PRIZE[0].answer)]
    turn = next(row for row in asked if row.kind == "turn")
    assert turn.signs == signs_of_leaning("How old is he?", past)
    assert (turn.target, turn.weight) == (True, 1.0)
    assert not any(row.target for row in asked if row.kind in {"stranger", "led", "lowered"})
    mentions = [mention.words for mention, _ in signs_of_terms("How old is he?", past)]
    needed = [row.target for row in spoken if row.kind == "turn"]
    assert dict(zip(mentions, needed, strict=True)) == {"won": False, "Lantern Prize": False, "Nadim Sarraf": True}


def test_other_questions_that_stand_alone_are_put_after_a_conversation(tmp_path: Path) -> None:
    (tmp_path / "reader").mkdir()
    for name in ("news", "documents"):
        with gzip.open(tmp_path / "reader" / f"{name}_written.jsonl.gz", "wt") as file:
            for split in ("train", "test"):
                file.write(json.dumps({"question": f"What does {name} of {split} cost?", "split": split}) + "\n")
    found = standing_alone(tmp_path)
    assert found[:2] == ["What does news of train cost?", "What does documents of train cost?"]
    assert "What does news of test cost?" not in found
    asked, _ = rows([PRIZE], found[:1])
    (row,) = [row for row in asked if row.kind == "question"]
    assert not row.target
    past = [Exchange(turn.question, turn.answer) for turn in PRIZE[:1]]
    assert row.signs["words"] == signs_of_leaning(found[0], past)["words"]


def test_no_row_is_judged_by_a_model_that_saw_its_conversation() -> None:
    asked, _ = rows([PRIZE, FERRY] * 5)
    assert len(cross_validated(asked)) == len(asked)
