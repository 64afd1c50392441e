"""Which of the character sets of Latin script a text is in, by the letters that each language has.

The sets of western and central Europe and of Turkey give other letters for the same bytes, and every byte is one: what
tells them apart is that no language has the letters that the wrong set gives.
"""

import re
from collections import Counter
from itertools import islice

_ALPHABETS = tuple(
    frozenset(letters + letters.upper() + more)
    for letters, more in (
        ("äöüß", ""),  # German
        ("àâæçéèêëîïôœùûüÿ", ""),  # French
        ("áéíóúüñ", "ªº"),  # Spanish
        ("áâãàçéêíóôõúü", "ªº"),  # Portuguese
        ("àèéìòùîó", ""),  # Italian
        ("åäöéü", ""),  # Swedish, Finnish
        ("æøåéóòêâü", ""),  # Danish, Norwegian
        ("áéíóúýðþæö", ""),  # Icelandic
        ("éëïöüèáóíêç", ""),  # Dutch
        ("àçéèíïòóúü", ""),  # Catalan
        ("ąćęłńóśźż", ""),  # Polish
        ("áčďéěíňóřšťúůýž", ""),  # Czech
        ("áäčďéíĺľňóôŕšťúýž", ""),  # Slovak
        ("áéíóöőúüű", ""),  # Hungarian
        ("ăâîşţșț", ""),  # Romanian
        ("čćđšž", ""),  # Slovenian, Croatian, Serbian
        ("çğöşüâîû", "ıİ"),  # Turkish
        ("äöõüšž", ""),  # Estonian
        ("ąčęėįšųūž", ""),  # Lithuanian
        ("āčēģīķļņšūž", ""),  # Latvian
    )
)
_SETS = ("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "mac_roman")
"""In the order in which they are taken when they fit equally well."""
_IN_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f]|[^\w\s\x00-\x7f](?=[^\W\d_])|[^\W\d_\x00-\x7f]")
"""Letters beyond ASCII, and signs that touch a letter."""
_BEYOND = re.compile(r"[^\x00-\x7f]")
_BYTES_BEYOND = re.compile(rb"[\x00-\x7f]?[\x80-\xff]+[\x00-\x7f]?")
_SAMPLE = 10_000
"""Bytes whose script is looked at."""
_MOST_PLACES = 500
"""Places with letters beyond ASCII that are looked at."""


def latin_set(data: bytes, guessed: str) -> str:
    """The character set whose letters one language has: ``guessed``, or another one of Latin script.

    :param guessed: the name of a set in Python; when its text is not in Latin script, it is returned as it is.
    """
    beyond = _BYTES_BEYOND.search(data)
    first = beyond.start() if beyond else 0
    if not _is_latin(data[first : first + _SAMPLE].decode(guessed, "replace")):
        return guessed
    sample = b" ".join(match[0] for match in islice(_BYTES_BEYOND.finditer(data), _MOST_PLACES))
    return max(dict.fromkeys([*_SETS, guessed]), key=lambda name: _fit(sample, name))


def _is_latin(text: str) -> bool:
    """Tell Latin script: its letters beyond ASCII are few, and of no other script."""
    beyond = [letter for letter in _BEYOND.findall(text) if letter.isalpha()]
    return sum(letter < "\u0250" for letter in beyond) >= 0.9 * len(beyond) and 3 * len(beyond) < len(text)


def _fit(data: bytes, name: str) -> float:
    """The share of the letters beyond ASCII that one language has; 1.0 when all of them are."""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return -1.0
    found = Counter(sign for sign in _IN_WORD.findall(text) if sign not in _QUOTES)
    count = found.total()
    controls = sum("\x80" <= sign < "\xa0" for sign in text)
    known = max(sum(times for sign, times in found.items() if sign in alphabet) for alphabet in _ALPHABETS)
    return (known - controls) / count if count else 1.0 - controls


_QUOTES = frozenset("’‘“”„«»‹›–—…\u00a0\u00ad")
