"""Sentences of running text, as spans."""

import sentencex  # type: ignore[import-untyped]


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a paragraph as ``(start, end)`` in code points, without the white space around them."""
    spans = []
    for part in sentencex.get_sentence_boundaries("en", text):
        piece = text[part["start_index"] : part["end_index"]]
        stripped = piece.strip()
        if stripped:
            start = part["start_index"] + piece.index(stripped)
            spans.append((start, start + len(stripped)))
    return spans
