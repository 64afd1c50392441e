"""Questions whose answers are known, from a file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import PullquoteError


class QuestionsError(PullquoteError, ValueError):
    """A file of questions, or an evaluation of them, can't be read."""

    code = "questions_unreadable"


_LINE = '{"question": …, "answers": […]}'


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and every wording of its answer that counts; none when the articles don't answer it.

    ``article`` is the id, title, URL or path of the article that answers it, empty when the file names none.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    kind: str = ""
    article: str = ""


def read_questions(path: Path) -> list[GoldQuestion]:
    """Read JSON Lines or a SQuAD file, version 1.1 or 2.0.

    A line has ``question``, ``answers`` (empty when there is none; strings, or objects with ``text``) and, if you like,
    ``id``, ``kind`` and ``article``. In a SQuAD file (``{"data": [{"title", "paragraphs": [{"qas": […]}]}]}``) the
    article is the title, and a question that is marked ``is_impossible`` has no answers.

    :raises QuestionsError: when the file is missing, empty, holds something else, or the same id twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path} can't be read: {error}") from error
    squad = _whole(text)
    questions = list(_of_squad(path, squad) if squad is not None else _of_lines(path, text))
    if not questions:
        raise QuestionsError(f"{path} holds no questions: write a line {_LINE} for each")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise QuestionsError(f"{path} has two questions with the id {question.id!r}: give each its own")
        seen.add(question.id)
    return questions


def _whole(text: str) -> list[Any] | None:
    """The ``data`` of a SQuAD file, None when the text is no such file."""
    try:
        data = json.loads(text)["data"]
    except (ValueError, KeyError, TypeError):
        return None
    return data if isinstance(data, list) else None


def _of_lines(path: Path, text: str) -> Iterator[GoldQuestion]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                record: dict[str, Any] = json.loads(line)
                yield GoldQuestion(
                    str(record.get("id", number)),
                    str(record["question"]),
                    _answers(record["answers"]),
                    str(record.get("kind", "")),
                    str(record.get("article", "")),
                )
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                reason = f"{type(error).__name__} {error}"
                raise QuestionsError(f"{path}, line {number}: {reason}; each line is {_LINE}") from error


def _of_squad(path: Path, data: list[Any]) -> Iterator[GoldQuestion]:
    for number, article in enumerate(data, 1):
        try:
            for paragraph in article["paragraphs"]:
                for asked in paragraph["qas"]:
                    answers = () if asked.get("is_impossible") else _answers(asked["answers"])
                    title = str(article.get("title", ""))
                    yield GoldQuestion(str(asked["id"]), str(asked["question"]), answers, article=title)
        except (KeyError, TypeError, AttributeError) as error:
            reason = f"{type(error).__name__} {error}"
            raise QuestionsError(
                f"{path}, article {number} of data: {reason}; a SQuAD file has data, paragraphs, qas, and in each of "
                "these id, question and answers"
            ) from error


def _answers(listed: Any) -> tuple[str, ...]:
    """The distinct wordings of a list of strings or of objects with ``text``."""
    if not isinstance(listed, list):
        raise TypeError("answers is no list")
    return tuple(dict.fromkeys(str(item["text"] if isinstance(item, dict) else item) for item in listed))
