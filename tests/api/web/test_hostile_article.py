"""An article whose every field is markup stays text on every page that shows it."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from tests.conftest import HERE, DataDir

HOSTILE = {
    "id": "hostile",
    "title": '<script>steal(1)</script> "><img src=x onerror=steal(2)> \u202eSAFE\u202c',
    "authors": ["<b>Mallory</b> [click](javascript:steal(3))"],
    "source": "<iframe src=//evil.example>",
    "url": 'https://evil.example/"onmouseover=steal(4)//?a=<script>',
    "tags": ["<svg onload=steal(5)>"],
    "text": "# <script>steal(6)</script>\n\nHarbour master Ada Quill of Lorn said on Monday that <img src=x "
    "onerror=steal(7)> is [the pier](javascript:steal(8)).",
}
QUESTION = "Who is the harbour master of Lorn?"


class Elements(HTMLParser):
    """Every element of a page, with its attributes, and the text inside of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.scripts = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.scripts += data.strip() if self.cdata_elem == "script" else ""


@pytest.fixture(scope="module")
def service(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    wire: Path = tmp_path_factory.mktemp("hostile") / "wire.jsonl"
    wire.write_text(json.dumps(HOSTILE) + "\n")
    settings = load_settings(data_dir=make_data_dir(wire), threads=1)
    with TestClient(create_app(settings), base_url=HERE) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    ["/", f"/?q={QUESTION}", "/?article_ids=hostile", "/articles/hostile", "/articles/hostile?start=0&end=20", "/chat"],
)
def test_nothing_of_it_becomes_markup(service: TestClient, path: str) -> None:
    response = service.get(path)
    assert response.status_code == 200
    page = Elements()
    page.feed(response.text)
    assert page.scripts == ""
    for tag, attributes in page.found:
        assert tag not in {"iframe", "svg", "b"}, tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        for name in ("href", "src", "action"):
            address = attributes.get(name, "")
            assert not address.lower().startswith("javascript:"), address
            assert tag == "a" or "evil" not in address, (tag, address)
    if "articles/" in path:
        assert "Ada Quill" in response.text
