"""From bytes to text: byte order marks, UTF-8, a declared character set, then a guess; binary files are refused."""

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import CharsetMatch, from_bytes

from index.parsing.latin import latin_set
from index.parsing.types import LoadError, Note

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_SIGNATURES = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a media file",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\xd0\xcf\x11\xe0": "an old office document",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
}

_STRANGE = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f]")
"""Control characters that no text has."""


_SOUND = 2
"""So many characters of several bytes to each damaged one are surely UTF-8: other text hardly has one by chance."""
_SHIFTED = re.compile(rb"\x1b\$[@BAC()]")
"""ISO 2022: from here on, a character is two bytes. https://www.rfc-editor.org/rfc/rfc1468"""
_DAMAGED = "\N{REPLACEMENT CHARACTER}"
_FEW = 100
"""One damaged character in so many is one that costs no more than itself, in a set that was declared."""


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a document, without its byte order mark and with its line breaks as they are.

    Tried in turn: a byte order mark, UTF-8 (if the bytes hold more than ASCII, or nothing is declared), ``declared`` (a
    character set that the document or its sender names), UTF-16 without a mark, and the best guess for an older
    character set. UTF-8 outranks a declaration because no other text is valid UTF-8 by chance, while declarations are
    often stale.

    A byte that is no part of a character is U+FFFD, and the rest keeps its character set: see :func:`damage`.

    :raises LoadError: if the document is empty, blank, binary, or in an encoding that can't be told.
    """
    if not data:
        raise LoadError("the file is empty: write the article into it or remove it")
    text = _decode_marked(data)
    if text is None:
        _refuse_known_binary(data)
        if declared and (data.isascii() or not _is_utf8(data)):
            text = _decode_declared(data, declared)
    if text is None:
        text = _decode_unmarked(data)
    if not text.strip():
        raise LoadError("the file is blank: write the article into it or remove it")
    return text


def damage(data: bytes, text: str) -> Iterator[Note]:
    """A note when bytes of a document are no characters in the text that it was decoded to."""
    damaged = text.count(_DAMAGED) - data.count(_DAMAGED.encode())
    if damaged > 0:
        line = text.count("\n", 0, text.index(_DAMAGED)) + 1
        what = "character is" if damaged == 1 else "characters are"
        yield Note(f"{damaged} damaged {what} read as {_DAMAGED}, the first in line {line}: save it again as UTF-8")


def _decode_marked(data: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            if mark == codecs.BOM_UTF8:
                return data[len(mark) :].decode(encoding, "replace")
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                at = error.start + len(mark)
                raise LoadError(
                    f"the file begins as {encoding.upper()} but is damaged at byte {at}: save it again as UTF-8"
                ) from None
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_known_binary(data: bytes) -> None:
    what = next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)
    if what and (data.startswith(b"%PDF-") or b"\0" in data or not _is_utf8(data)):
        raise LoadError(f"the file is {what}, not text: convert it to text or remove it")


def _decode_declared(data: bytes, declared: str) -> str | None:
    try:
        if codecs.lookup(declared).name in {"ascii", "iso8859-1"}:
            declared = "cp1252"  # what browsers do: https://encoding.spec.whatwg.org/#names-and-labels
        text = data.decode(declared, "replace")
    except (LookupError, UnicodeError):
        return None
    return text if text.count(_DAMAGED) * _FEW <= len(text) or _is_whole(data, declared) else None


def _is_whole(data: bytes, declared: str) -> bool:
    try:
        data.decode(declared)
    except UnicodeError:
        return False
    return True


def _decode_unmarked(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_utf16(data) or _decode_legacy(data)
    if _SHIFTED.search(data):
        text = _decode_shifted(data) or text
    if "\0" in text:
        text = _decode_utf16(data) or text
    strange = len(_STRANGE.findall(text))
    if strange > len(text) // 10:
        raise LoadError("the file is binary, not text: convert it to text or remove it")
    return text


def _decode_shifted(data: bytes) -> str | None:
    """Decode the Japanese and Korean sets of seven bits, which change the meaning of letters by escape sequences."""
    korean = b"\x1b$)C" in data
    for encoding in ("iso2022_kr",) if korean else ("iso2022_jp_2", "iso2022_jp_ext"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _decode_utf16(data: bytes) -> str | None:
    """Decode UTF-16 without a mark: of mostly Latin text, every second byte is zero."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = data[first::2].count(0), data[1 - first :: 2].count(0)
        if zeros > len(data) // 5 and not others and len(data) % 2 == 0:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    return None


_LATIN = re.compile(r"[\u00a0-\u017f\u2010-\u203a€]")
"""What stands in UTF-8 in Latin script, and hardly ever by chance in another set."""
_JAPANESE = [
    *("shift_jis", "shift_jis_2004", "shift_jisx0213", "cp932"),
    *("euc_jp", "euc_jis_2004", "euc_jisx0213"),
]
_KOREAN = {"cp949", "euc_kr", "johab"}


def _decode_legacy(data: bytes) -> str:
    if b"\0" in data:
        raise LoadError("the file is binary, not text: convert it to text or remove it")
    lenient = data.decode("utf-8", "replace")
    broken = lenient.count(_DAMAGED)
    sound = sum(char > "\x7f" for char in lenient) - broken
    if sound >= _SOUND * broken or (sound >= broken and sound == len(_LATIN.findall(lenient))):
        return lenient
    match = _guess(data)
    if match is None:
        raise LoadError("the file is binary or its encoding can't be told: save it again as UTF-8")
    if match.encoding in _KOREAN and (japanese := _kana(data, str(match))):
        return japanese
    better = latin_set(data, match.encoding)
    return str(match) if better == match.encoding else data.decode(better)


def _kana(data: bytes, korean: str) -> str | None:
    """The text in EUC-JP, if that makes kana of what else are single letters of Korean, which stand nowhere alone."""
    if 10 * sum("\u3131" <= sign <= "\u318e" for sign in korean) < len(korean):
        return None
    try:
        return data.decode("euc_jp")
    except UnicodeDecodeError:
        return None


def _is_half_width(text: str) -> bool:
    """Tell Japanese in narrow signs, which nobody writes whole texts in: it is another character set."""
    return 3 * sum("\uff61" <= sign <= "\uff9f" for sign in text) > sum(sign > "\x7f" for sign in text)


def _guess(data: bytes) -> CharsetMatch | None:
    """Guess the most plausible character set; among near equals the Western one, the most frequent by far."""
    matches = list(from_bytes(data))
    if matches and _is_half_width(str(matches[0])):
        matches = list(from_bytes(data, cp_exclusion=_JAPANESE)) or matches
    for match in matches:
        if "cp1252" in match.could_be_from_charset and match.chaos <= matches[0].chaos + 0.02:
            return match
    return matches[0] if matches else None
