"""Signs that Word writes as characters of a font: those of the font Symbol.

https://www.unicode.org/Public/MAPPINGS/VENDORS/ADOBE/symbol.txt
"""

_GREEK = dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
_CAPITALS = dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True))
_SIGNS = {
    **{0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±"},
    **{0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈"},
    **{0xBC: "…", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪", 0xCE: "∈", 0xD0: "∠", 0xD1: "∇", 0xD5: "∏", 0xD6: "√"},
    **{0xD7: "⋅", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫"},
}
_SYMBOL = _GREEK | _CAPITALS | _SIGNS
_PRIVATE = range(0xF000, 0xF100)


def symbol(font: str, code: str) -> str:
    """The character that a sign of a font means; empty where that can't be told.

    :param code: its number as Word writes it, in hexadecimal: of the font alone, or with F000 added.
    """
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    number -= _PRIVATE.start if number in _PRIVATE else 0
    if font.casefold() == "symbol":
        return _SYMBOL.get(number, chr(number) if 0x20 <= number < 0x40 else "")
    return chr(number) if 0x100 <= number < 0xD800 else ""
