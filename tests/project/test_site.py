"""The documentation site builds from the pages as they are, and loads nothing from anywhere else."""

import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.build_site import gather, pages
from tests.support.paths import ROOT

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}


def _named(nav: object) -> set[str]:
    if isinstance(nav, str):
        return {nav}
    return {name for each in (nav.values() if isinstance(nav, dict) else nav) for name in _named(each)}  # type: ignore[attr-defined]


def test_every_page_is_in_the_navigation() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    assert _named(nav) == {page.relative_to(ROOT).as_posix() for page in pages()}


def test_pages_keep_their_folders_pictures_come_along_and_source_code_is_not_linked(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name in ("docs/plots/a.svg", "docs/site.css", "index/article.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    (root / "README.md").write_text("[more](docs/a.md#b), [`the code`](index/article.py), [out](https://a.example)\n")
    (root / "docs/a.md").write_text(
        "# A\n## b\n![plot](plots/a.svg) [back](../README.md)\n```\n[x](../index/article.py)\n```\n"
    )
    gather(root, tmp_path / "pages")
    assert (tmp_path / "pages/README.md").read_text() == "[more](docs/a.md#b), `the code`, [out](https://a.example)\n"
    assert (tmp_path / "pages/docs/a.md").read_text() == (root / "docs/a.md").read_text()
    assert (tmp_path / "pages/docs/plots/a.svg").is_file()


class _Loads(HTMLParser):
    """Addresses that a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name == LOADED.get(tag) and value}


@pytest.mark.slow
def test_it_builds_without_a_warning_and_loads_nothing_from_other_hosts() -> None:
    pytest.importorskip("zensical", reason="make docs installs it")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_site.py"],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = ROOT / "build" / "site"
    built = list(site.rglob("*.html"))
    assert len(built) > len(pages())  # and the page of what is not there
    for page in built:
        loads = _Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        assert loads.found
        assert not {address for address in loads.found if re.match(r"(?:\w+:)?//", address)}, page
    for style in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.read_text(encoding="utf-8")), style
