"""Text that is shown on a terminal and was written by others."""

import unicodedata

import typer


def visible(text: str, kept: str = "") -> str:
    """``text`` with control characters and line ends, but those ``kept``, escaped: it can't steer a terminal."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"} and character not in kept
        else character
        for character in text
    )


def complain(message: str) -> None:
    """Tell an error in one line on standard error."""
    typer.echo(f"pullquote: {visible(' '.join(message.split()))}", err=True)
