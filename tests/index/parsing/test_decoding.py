"""Bytes become text by their mark, as UTF-8, as declared or by a guess; binary files are refused."""

import codecs

import pytest

from index.parsing.decoding import damage, decode
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
        ("Портовая стена построена в 1901 году. Она держится до сих пор и имеет длину 412 метров.", "koi8-r"),
        (JAPANESE, "shift_jis"),
        ("港の壁は五月から修理される。工事には半年かかると技師は話した。", "euc_jp"),
        ("항구의 벽은 5월부터 수리된다고 항만청이 화요일에 밝혔다.", "euc_kr"),
        ("Le café de Noël a été fermé à midi, déjà ; l’été fut très long.", "mac_roman"),
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
    ],
)
def test_what_is_no_text_is_refused_in_one_line_that_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refusal:
        decode(data)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Őszi szél fújt a régi malom körül, és a molnár lánya a tűznél ült, míg az eső verte a tetőt.", "cp1250"),
        ("Vítr fouká kolem starého mlýna, mlynář čeká, až přejde déšť, a jeho dcera šije u okna.", "cp1250"),
        ("Vítr fouká kolem starého mlýna, mlynář čeká, až přejde déšť, a jeho dcera šije u okna.", "iso8859_2"),
        ("Wiatr wieje wokół starego młyna, młynarz czeka, aż przejdzie deszcz, a córka śpi.", "iso8859_2"),
        ("Vântul bate în jurul morii vechi, iar morarul aşteaptă să treacă ploaia şi să vină toţi.", "cp1250"),
        (
            "Rüzgâr eski değirmenin çevresinde esiyor, değirmenci yağmurun dinmesini bekliyor, kızı ışığı yaktı.",
            "cp1254",
        ),
        (
            "Der Wind weht um die alte Mühle, der Müller wartet, bis der Regen aufhört, und süße Äpfel gibt es.",
            "cp1252",
        ),
        ("Le vent souffle autour du vieux moulin, où le meunier attend la fin de l’été à côté du maïs.", "cp1252"),
        ("Vinden blåser rundt den gamle mølla, og mølleren venter på været; kjære datter, sa han.", "cp1252"),
        ("El viento sopla en torno al viejo molino; ¿cuánto llovió? ¡Mañana más!, dijo el señor.", "cp1252"),
        ("Vindurinn blæs um gömlu mylluna, þar sem malarinn bíður við eldinn; það er ýmist kalt eða hlýtt.", "cp1252"),
        ("It costs £40 to mill a ton of oats, and £12 to bag it.", "cp1252"),
        ("風が古い水車の周りを吹く。粉屋は雨がやむのを待つ。", "iso2022_jp"),
        ("바람이 낡은 방앗간을 돈다.", "iso2022_kr"),
    ],
)
def test_letters_tell_the_character_set(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


CAFE = "Cafés and crêperies at the mill stay open, says Mr Smith."


@pytest.mark.parametrize("declared", [None, "utf-8"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_damaged_byte_costs_one_character(declared: str | None, mark: bytes) -> None:
    data = mark + CAFE.encode() + "\nM\xfcller".encode("latin-1")
    text = decode(data, declared)
    assert text == CAFE + "\nM\N{REPLACEMENT CHARACTER}ller"
    (note,) = damage(data, text)
    assert str(note).startswith("1 damaged character is read as \N{REPLACEMENT CHARACTER}, the first in line 2: ")
    assert list(damage(text.encode(), text)) == []


def test_one_sound_letter_outweighs_one_damaged_byte() -> None:
    assert decode(b"Caf\xc3\xa9, the wall \xff is old.") == "Café, the wall \ufffd is old."


def test_a_damaged_byte_in_a_set_that_was_declared_costs_one_character() -> None:
    data = (JAPANESE * 10).encode("shift_jis")
    assert (
        decode(data[:200] + b"\xff" + data[200:], "shift_jis").replace("\N{REPLACEMENT CHARACTER}", "") == JAPANESE * 10
    )


def test_text_that_begins_like_a_binary_format_is_text() -> None:
    assert decode(b"RIFF is a format. GIF8 too.").startswith("RIFF")
