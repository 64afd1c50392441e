"""What users said, as lines that ``pullquote eval`` and ``pullquote calibrate`` read."""

import json
from collections.abc import Iterator

from api.questions.book import QuestionBook, key_of

MOST = 10_000


def gold_lines(book: QuestionBook) -> Iterator[str]:
    """A line of JSON for each question whose answer is known, without the line break.

    Known is what an editor pinned; else what helped somebody and was not disputed; and that the articles don't answer a
    question, where somebody said so. ``answers`` has the words, or none.

    :raises QuestionBookError: when the book can't be read.
    """
    pins = {key_of(pin.question): pin for pin in book.pins()}
    for key, pin in pins.items():
        yield _line(key, pin.question, [pin.text], pin.article_id, "pinned")
    by_key: dict[str, list[tuple[bool, str | None, str, str | None, str | None]]] = {}
    for each in book.opinions(MOST):
        shown = each.shown
        words = (shown.text, shown.article_id) if shown else (None, None)
        by_key.setdefault(key_of(each.question), []).append((each.is_helpful, each.reason, each.question, *words))
    for key, said in by_key.items():
        if key in pins:
            continue
        question = said[0][2]
        disputed = {text for helpful, reason, _, text, _ in said if not helpful and reason != "incomplete"}
        liked = {text: article for helpful, _, _, text, article in said if helpful and text and text not in disputed}
        if liked:
            yield _line(key, question, list(liked), next(iter(liked.values())) or "", "helped")
        elif any(reason == "not_in_articles" or (helpful and text is None) for helpful, reason, _, text, _ in said):
            yield _line(key, question, [], "", "no answer")


def _line(key: str, question: str, answers: list[str], article: str, kind: str) -> str:
    fields = {"id": key, "question": question, "answers": answers, "article": article, "kind": kind}
    return json.dumps(fields, ensure_ascii=False)
