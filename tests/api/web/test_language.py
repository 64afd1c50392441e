"""The pages speak the reader's language, and lack no words in any."""

import json
import re
from datetime import date

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.web.folder import FOLDER
from api.web.language import LANGUAGES, day_in, language_of, words_of

OTHERS = LANGUAGES[1:]
_SAID = re.compile(r'\b_\("([^"]+)"')
_COUNTED = re.compile(r'ngettext\("([^"]+)", "[^"]+"')
_PLACES = re.compile(r"%\((\w+)\)s")


def texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((FOLDER / "templates").iterdir())]


def asking(accepted: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-language", accepted.encode())]})


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("ja, fr;q=0.5", "fr"),
        ("en;q=0.1, es;q=0.9", "es"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("AR-eg", "ar"),
        (";;;q=x,,\xe9", "en"),
        ("x," * 5000 + "de", "en"),
    ],
)
def test_the_browser_says_which(accepted: str, language: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", accepted.encode("latin-1"))]})
    assert language_of(request) == language


@pytest.mark.parametrize("language", OTHERS)
def test_no_words_are_lacking_or_left_over(language: str) -> None:
    said = {found for text in texts() for found in _SAID.findall(text)}
    counted = {found for text in texts() for found in _COUNTED.findall(text)}
    words = words_of(language)
    assert (said | counted) - words.keys() == set()
    python = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    unused = words.keys() - said - counted - {"months"}
    assert [each for each in unused if each not in python] == []
    assert all(len(words[each]) == 2 for each in counted)
    assert len(words["months"]) == 12


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_in_has_its_place_and_nothing_is_markup(language: str) -> None:
    for english, words in words_of(language).items():
        for each in words if isinstance(words, list) else [words]:
            assert not set('<>&"') & set(each), each
            if isinstance(words, str):
                assert sorted(_PLACES.findall(each)) == sorted(_PLACES.findall(english)), each
                assert each.count("#") == english.count("#"), each


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "28 November 2026"),
        ("de", "28. November 2026"),
        ("fr", "28 novembre 2026"),
        ("es", "28 de noviembre de 2026"),
        ("ar", "28 نوفمبر 2026"),
    ],
)
def test_dates_are_written_as_readers_write_them(language: str, shown: str) -> None:
    assert day_in(language, date(2026, 11, 28)) == shown


@pytest.mark.parametrize(
    "path", ["/", "/?q=Who+is+it%3F", "/chat", "/check", "/articles", "/admin", "/docs", "/nothing"]
)
def test_pages_are_in_the_language_that_is_asked_for(articles_client: TestClient, path: str) -> None:
    page = articles_client.get(path, headers={"accept-language": "ar", "accept": "text/html"})
    assert '<html lang="ar" dir="rtl">' in page.text
    assert page.headers["content-language"] == "ar"
    assert "accept-language" in page.headers["vary"]
    assert words_of("ar")["Manage"] in page.text
    assert words_of("ar") == json.loads((FOLDER / "languages" / "ar.json").read_text(encoding="utf-8"))
