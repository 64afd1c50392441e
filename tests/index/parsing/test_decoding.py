"""Bytes become text by their mark, as UTF-8, as declared or by a guess; binary files are refused."""

import codecs

import pytest

from index.parsing.decoding import decode
from index.parsing.types import LoadError

FRENCH = "Le président a déclaré que la situation était « très préoccupante » – et qu’il n’y avait pas d’issue."
RUSSIAN = "Президент заявил, что ситуация остаётся сложной. Парламент соберётся в среду."
JAPANESE = "日本の首相は水曜日に東京で記者会見を開いた。"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + "Né à Paris 😀\r\n".encode(encoding)) == "Né à Paris 😀\r\n"


@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, JAPANESE, "Plain.\r\nLines.\rOf.\nText.\u2028"])
def test_utf8_needs_no_mark_and_keeps_its_line_breaks(text: str) -> None:
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        ("The café was closed.", "latin-1"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
        ("“We know,” he said — it’s clear.", "cp1252"),
        ("A plain text in wide letters.", "utf-16-le"),
        ("A plain text in wide letters.", "utf-16-be"),
    ],
)
def test_older_encodings_are_recognised(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declaration_is_followed_unless_the_bytes_are_utf8() -> None:
    assert decode("Пётр".encode("koi8-r"), "koi8-r") == "Пётр"
    assert decode("Пётр".encode(), "koi8-r") == "Пётр"
    assert decode("“Oui”".encode("cp1252"), "iso-8859-1") == "“Oui”"
    assert decode("日本".encode("iso-2022-jp"), "iso-2022-jp") == "日本"
    assert decode(FRENCH.encode("cp1252"), "no-such-set") == FRENCH


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "blank"),
        (codecs.BOM_UTF8 + b"\n", "blank"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG image"),
        (b"PK\x03\x04\x14\0\x08\0", "ZIP archive"),
        (b"%PDF-1.4\n1 0 obj", "PDF document"),
        (b"\0" * 50, "binary"),
        (bytes(range(256)) * 3, "binary"),
        (b"\1\2\3\4\5\6 text", "binary"),
        (b"\xff\xfea", "damaged at byte 2"),
        (JAPANESE.encode()[:-1], "damaged at byte 63"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line_that_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refusal:
        decode(data)
    assert "\n" not in str(refusal.value)


def test_text_that_begins_like_a_binary_format_is_text() -> None:
    assert decode(b"RIFF is a format. GIF8 too.").startswith("RIFF")
