"""What an author wrote for those who do not see a picture."""

import re

from index.parsing.parts import Part, one_line

_FILE = re.compile(r"\S{0,200}\.(?:png|jpe?g|gif|svg|[ew]mf|bmp|tiff?|webp|heic|pdf)|https?://\S*", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:picture|image|grafik|bild|imagen?|obraz)\s?\d{0,4}", re.IGNORECASE)


def picture(description: str | None) -> list[Part]:
    """A paragraph for the description of a picture; none for the name of a file or what a program numbered."""
    words = one_line(description)
    is_name = _FILE.fullmatch(words) or _NUMBERED.fullmatch(words)
    return [Part(f"[Picture: {words}]")] if words and not is_name else []
