"""Text that is shown on a terminal and was written by others."""

import unicodedata


def visible(text: str, kept: str = "") -> str:
    """``text`` with control characters and line ends, but those ``kept``, escaped: it can't steer a terminal."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"} and character not in kept
        else character
        for character in text
    )
