"""Sentences that go over the end of a printed page, made whole on the page where they begin."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.parsing.parts import Part
from index.sentences import sentences

_STOPS = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")
_ITEM = re.compile(r"[-*•‣▪◦·–]\s|\(?\w{1,3}[.)]\s")
_LONGEST = 600
"""Code points of the end of a sentence."""
_LIKE = 0.1
"""How much the letters of two pieces of one paragraph differ at most, as a share of their height."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a page: the height of its letters, and whether its last line is as long as the others."""

    part: Part
    size: float
    is_full: bool = False


def whole_sentences(pieces: Sequence[Piece], join: Callable[[str, str], str]) -> list[Piece]:
    """The pieces, with the end of a sentence that stands on the next page put where the sentence begins.

    :param join: joins the end of a page to the beginning of the next.
    """
    found = list(pieces)
    page = None
    for at, following in enumerate(found):
        if following.part.kind == "aside":
            continue
        is_first, page = page is not None and following.part.page != page, following.part.page
        before = _last_before(found, at) if is_first and following.part.kind == "paragraph" else None
        if before is None or not _goes_on(found[before], following):
            continue
        rest = following.part.text
        text = join(found[before].part.text, rest)
        seam = len(text) - len(rest)
        end = next(stop for _, stop in sentences(text) if stop > seam)
        if end - seam <= _LONGEST:
            found[before] = _with_text(found[before], text[:end])
            found[at] = _with_text(following, rest[end - seam :].lstrip())
    return [piece for piece in found if piece.part.text]


def _with_text(piece: Piece, text: str) -> Piece:
    return replace(piece, part=replace(piece.part, text=text))


def _last_before(pieces: Sequence[Piece], at: int) -> int | None:
    """The last piece of the page before in letters of the same height, notes in smaller ones passed over."""
    size, page = pieces[at].size, pieces[at].part.page
    for before in range(at - 1, -1, -1):
        part = pieces[before].part
        if part.kind == "aside":
            continue
        if part.kind != "paragraph" or page is None or part.page != page - 1:
            return None
        if pieces[before].size > (1 - _LIKE) * size:
            return before
    return None


def _goes_on(piece: Piece, following: Piece) -> bool:
    text, rest = piece.part.text, following.part.text
    if abs(piece.size - following.size) > _LIKE * piece.size or _STOPS.search(text) or _ITEM.match(rest):
        return False
    return rest[0].islower() or piece.is_full
