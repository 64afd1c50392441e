"""What is told beside answers: disputes, with who says what and when."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api.http.remarks import disagreement
from rag.citing.agreement import Agreement, Position
from rag.citing.citation import Citation

PLACE = Citation(
    article_id="a",
    title="T",
    url=None,
    source=None,
    authors=(),
    published=None,
    heading=None,
    page=None,
    start=0,
    end=2,
    quote="55",
    quote_start=0,
    quote_end=2,
    prefix="",
    suffix="",
    sha256="0" * 64,
    index_version="000001-00000000",
)


def position(text: str, relation: Any, *days: str | None) -> Position:
    places = tuple(replace(PLACE, published=date.fromisoformat(day) if day else None) for day in days)
    return Position(text, relation, len(days), places)


@pytest.mark.parametrize(
    ("positions", "told"),
    [
        (
            [
                position("55 million", "same", "2024-01-02", "2024-05-02"),
                position("40 million", "contradicting", "2023-05-05"),
            ],
            "Two articles say 55 million (2024), one says 40 million (2023).",
        ),
        (
            [position("40 million", "same", "2023-05-05"), position("55\nmillion", "contradicting", "2024-01-02")],
            "One article says 40 million (2023), one newer article says 55 million (2024).",
        ),
        (
            [position("4", "same", "2024-05-05"), position("5", "contradicting", "2024-05-05")],
            "One article says 4 (5 May 2024), one says 5 (5 May 2024).",
        ),
        ([position("4", "same", None), position("5", "contradicting", None)], "One article says 4, one says 5."),
        ([position("about 4", "same", "2024-05-05"), position("4", "compatible", "2024-05-05")], None),
    ],
)
def test_a_dispute_is_a_sentence(positions: list[Position], told: str | None) -> None:
    assert disagreement(Agreement(tuple(positions))) == told


def test_no_agreement_is_no_dispute() -> None:
    assert disagreement(None) is None
