"""Questions whose answers are known, from a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class QuestionsError(ValueError):
    """The file of questions can't be read; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and every wording of its answer that counts; none when the articles don't answer it."""

    id: str
    question: str
    answers: tuple[str, ...]
    kind: str = ""


def read_questions(path: Path) -> list[Question]:
    """Read JSON Lines with ``question``, ``answers`` (empty when there is none) and, if you like, ``id`` and ``kind``.

    :raises QuestionsError: when the file is missing, empty, or a line is no such record.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path} can't be read: {error}") from error
    questions = [_question(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionsError(f'{path} holds no questions: write a line {{"question": …, "answers": […]}} for each')
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        record: dict[str, Any] = json.loads(line)
        answers = tuple(str(answer) for answer in record["answers"])
        return Question(str(record.get("id", number)), str(record["question"]), answers, str(record.get("kind", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise QuestionsError(
            f'{path}, line {number}: {type(error).__name__} {error}; each line is {{"question": …, "answers": […]}}'
        ) from error
