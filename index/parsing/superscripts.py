"""Raised characters in running text: a note mark is no part of the text, an exponent must not become a digit."""

import re

_LONGEST_MARK = 12
"""Code points. What is longer is text that happens to be raised."""
_NOTE = re.compile(
    r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,4}|note \d{1,3})(?:\s?[,;–-]\s?(?:\d{1,3}|[a-z]))*[\])]?|[*†‡§¶#⁎∗]+"
)
_SIGNED = re.compile(r"[+-]\d+(?:\.\d+)?|[+-]")
_CHARGE = re.compile(r"\d?[+-]")
_POWER = re.compile(r"\d{1,3}(?:[./]\d{1,2})?|[a-z](?:[+-]\d)?")
_BASE = re.compile(
    r"(?<![\d.,:])(?:10|2)$|[x×*·.]\s?10$|"  # 10, 2
    r"[x×*·+=/^<>√−-]\s*\d{1,2}$|"  # a small number in a calculation
    r"[=+*/·×(√^−-]\s*\w{1,3}$|(?<!\w)[^\W\d_]$|"  # a variable
    r"\([^()]{0,30}[+*/·×−-][^()]{0,30}\)$"  # a bracket with a calculation in it
)
_UNIT = re.compile(r"(?<![^\W\d_])(?:[kKcdmµμn]?m|in|ft|yd|mi|s|sec|km)$")
_LENGTH = re.compile(r"\s?[kcmµμ]m\b")
_SYMBOL = re.compile(r"[A-Z][a-z]?(?![^\W\d_])")
_POWERS_OF_UNITS = {"2": "²", "3": "³"}
_ORDINAL = re.compile(r"(?:(?<!\d)\d{1,3}[oerh]|(?<!\d)\d{1,2}a|(?<!\w)[A-Za-z][a-z]|(?<!\w)[IVXLC]{1,6}[a-z])")
"""What a raised letter belongs to, with it: ``2e``, ``No``, ``XIXe``; behind other numbers it is the mark of a note."""


def raised(before: str, mark: str, after: str = "", is_link: bool = False) -> str:
    """What stands in running text for raised characters: nothing for a note mark, ``^6`` for an exponent.

    :param before: the text before them, its last 40 code points or more.
    :param after: the text after them, as far as it is known.
    :param is_link: whether they lead to a note.
    """
    plain = " ".join(mark.split()).replace("−", "-").replace("–", "-") if len(mark) < 4 * _LONGEST_MARK else mark
    if not plain:
        return ""
    before = before[-40:]
    if is_link and _NOTE.fullmatch(plain.strip("()[]")):
        return ""
    if len(plain) > _LONGEST_MARK:
        return mark
    if after[:1] in {"/", "⁄"} and plain.isdecimal():  # the upper half of a fraction
        return f" {plain}" if before[-1:].isdecimal() else plain
    if plain in {"o", "0", "º"} and before[-1:].isdecimal() and after.lstrip()[:1] in {"C", "F"}:
        return "°"
    if plain.isdecimal() and before and not before[-1:].strip(" (") and _SYMBOL.match(after):  # an isotope
        return plain
    if plain.isdecimal() and not before.strip() and _LENGTH.match(after):  # a dimension in a drawing
        return plain
    if plain in {",", ";"}:  # between the marks of two notes
        return ""
    if plain in _POWERS_OF_UNITS and _UNIT.search(before):
        return _POWERS_OF_UNITS[plain]
    if _CHARGE.fullmatch(plain) and before[-1:].isalpha():
        return plain
    if _SIGNED.fullmatch(plain) and before[-1:].strip():
        return f"^{plain}"
    if plain.isalpha() and (len(plain) > 1 or _is_ordinal(before, plain)) and not _is_unknown(before, plain):
        return mark
    if _POWER.fullmatch(plain) and _BASE.search(before):
        return f"^({plain})" if plain[1:2] in {"+", "-"} else f"^{plain}"
    return "" if _NOTE.fullmatch(plain) else mark


def _is_ordinal(before: str, letter: str) -> bool:
    match = re.search(r"\w{1,8}$", before)
    return match is not None and _ORDINAL.fullmatch(match[0] + letter) is not None


def _is_unknown(before: str, letter: str) -> bool:
    """Tell ``10`` to the power of ``n`` from an ordinal, as ``1o`` is in some languages."""
    return letter in {"n", "x", "k", "m"} and _BASE.search(before) is not None
