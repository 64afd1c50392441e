"""Text that is shown on a terminal and was written by others."""

import unicodedata

import typer

_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str, kept: str = "") -> str:
    """``text`` with what steers a terminal escaped: control characters and line ends, but those ``kept``, and what
    shows words in another order than they have (Unicode Standard Annex 9).
    """
    return "".join(
        character.encode("unicode_escape").decode() if _steers(character) and character not in kept else character
        for character in text
    )


def visible_json(text: str) -> str:
    """The same JSON, with what steers a terminal escaped."""
    return "".join(
        f"\\u{ord(character):04x}" if _steers(character) and character != "\n" else character for character in text
    )


def _steers(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Zl", "Zp"} or character in _DIRECTIONS


def complain(message: str) -> None:
    """Tell an error in one line on standard error."""
    typer.echo(f"pullquote: {visible(' '.join(message.split()))}", err=True)
