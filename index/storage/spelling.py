"""How words are spelled to be searched in an index of many languages: by their stems, or in pairs of characters.

The search itself parts a text where there is neither letter nor digit, and takes English endings off. What is spelled
here passes that unharmed: words of English, or of an unknown language, stay as they are, those of another language
become their stems (Snowball, Porter 2001), and writing without spaces becomes each two characters that stand side by
side (as Nie et al. 2000 do for Chinese). Marks, at which the search would part a word of Hindi, are left out.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import regex

from index.languages import chances, language_of

_ENGLISH = "en"

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_LETTER = rf"[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]"
"""Those of them at which the search does not part: signs like “㋐” are of the same script."""
_RUN = regex.compile(
    rf"(?V1)(?P<unspaced>{_LETTER}[{_LETTER}\p{{M}}]*)"
    rf"|(?P<word>[[\p{{L}}\p{{N}}]--[{_UNSPACED}]][[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}]]*)"
)
_MARKS = regex.compile(r"\p{M}+")


def spelled(text: str, language: str | None) -> str:
    """The words of a text as they are searched, parted by spaces.

    :param language: that of the text, by its ISO 639 code; None when it is not known.
    """
    stem = _stemmer(language) if language and language != _ENGLISH else None
    words = []
    for match in _RUN.finditer(unicodedata.normalize("NFC", text)):
        if match["word"]:
            word = match["word"].lower()
            words.append(_MARKS.sub("", stem(word) if stem else word))
        else:
            run = _MARKS.sub("", match["unspaced"])
            words += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
    return " ".join(words)


@lru_cache(maxsize=64)
def spelled_question(question: str) -> str:
    """The words of a question, of which the language is guessed, however short it is."""
    return spelled(question, next(iter(chances(question)), None))


def spelled_part(text: str, article: str) -> str:
    """The words of a part of an article: its title, a heading or a passage."""
    return spelled(text, language_of(article))


def _stemmer(language: str) -> Callable[[str], str] | None:
    """What finds stems in a language; None where there is nothing that does. Not to be shared between threads."""
    import Stemmer  # of the extra

    try:
        stem: Callable[[str], str] = Stemmer.Stemmer(language, 0).stemWord
    except KeyError:
        return None
    return stem
