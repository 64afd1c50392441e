"""A title for an article that has none."""

import re
from pathlib import PurePosixPath

from index.article import canonical
from index.parsing.types import Origin

_LONGEST = 80
"""Code points."""
_SUFFIX = re.compile(
    r"\.(?:docx?|docm|dotx?|odt|odp|ods|odg|rtf|pages|pptx?|key|xlsx?|pdf|tex|dvi|ps|indd|qxd|qxp|pub|wpd|cdr|ai|psd|pmd|"
    r"html?|txt|md|eps|tiff?|jpe?g|png|fm|book|p65|vsdx?)",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<![\d.])(?:19|20)\d\d([-_.]?)[01]\d\1[0-3]\d(?=[-_. ]|$)")
_PATH = re.compile(r"(?:[A-Za-z]:\\|file:/|https?://|\\\\|/)\S.*")
_IDENTIFIER = re.compile(r"10\.\d{4,}/\S+|arxiv:\S+|doi:\s?\S+|\S*_\S*|[0-9a-f]{8}-[0-9a-f-]{27}", re.IGNORECASE)
"""What has no spaces and is the name of a file or a number of a library."""
_MADE_UP = re.compile(
    r"\W*(?:untitled|unknown|anonymous|unbenannt|sans titre|sin título|senza titolo|word document|document|"
    r"powerpoint[ -]presentation|presentation|pr[äé]sentation(?: powerpoint)?|powerpoint-präsentation|"
    r"presentación de powerpoint|presentazione standard di powerpoint|présentation powerpoint|slide|folie|layout|book|"
    r"mappe|sheet|tabelle|no title|title|titel|none|null|template|doc|new document|blank|test|scan|scanned document|"
    r"image|img|microsoft (?:word|powerpoint|excel)|print|output|report)?[\W\d_]*",
    re.IGNORECASE,
)


def named_by_a_person(title: str | None) -> str | None:
    """A title that a file tells of itself, unless a program made it up: the name of a file, ``PowerPoint
    Presentation``, ``Layout 1``.
    """
    text = " ".join((title or "").split())
    name = re.sub(r"^Microsoft (?:Office )?(?:Word|PowerPoint|Excel|Publisher)\s*-\s*", "", text)
    is_file = _SUFFIX.search(name, max(0, len(name) - 6)) is not None and _SUFFIX.fullmatch(name[name.rfind(".") :])
    if is_file or name != text or any(kind.fullmatch(name) for kind in (_PATH, _MADE_UP, _IDENTIFIER)):
        return None
    return text


def fallback_title(origin: Origin, text: str) -> str:
    """The words of the file name if it has at least two, else the first words of the text."""
    name = origin.path or origin.key
    return file_title(name) or canonical(first_words(text)) or PurePosixPath(name).stem or origin.key


def file_title(name: str) -> str | None:
    """The words of a file's name, if it has at least two and nothing but words."""
    stem = PurePosixPath(name).stem
    words = re.split(r"[\s_.\-]+", _DAY.sub("", stem).strip("_-. "))
    if len(words) > 1 and all(word.isalpha() for word in words):
        title = " ".join(words)
        return canonical(title[0].upper() + title[1:])
    return None


def first_words(text: str) -> str:
    """The first sentence of a text or, if that is long, its first words and an ellipsis: 80 code points at most."""
    start = " ".join(text[: 8 * _LONGEST].split())
    sentence = re.split(r"(?<=\w\w[.!?])\s|(?<=[。！？])", start, maxsplit=1)[0]
    if len(sentence) <= _LONGEST:
        return sentence
    return sentence[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
