"""The pages for people: the article with its mark, and the front page."""

import html
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.http.links import Links
from api.settings import load_settings
from api.web.layout import Line, lines, tables_together
from index.article import Article, Block, Passage, searchable
from index.storage.snapshot import Snapshot
from rag.citing.citation import cite
from tests.conftest import HERE, DataDir

MARK = re.compile(r"<mark[^>]*>(.*?)</mark>", re.DOTALL)


@pytest.fixture(scope="module")
def article(seed_snapshot: Snapshot) -> Article:
    return seed_snapshot.store.articles()[0]


def page(client: TestClient, article: Article, **query: object) -> str:
    response = client.get(f"/articles/{article.id}", params={name: str(value) for name, value in query.items()})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def marked(text: str) -> list[str]:
    return [html.unescape(found) for found in MARK.findall(text)]


def test_the_page_shows_the_article(client: TestClient, article: Article) -> None:
    text = page(client, article)
    assert re.search(r"<h1 dir=\"auto\">U\.S\. Officials Confirm North Korea Sent\s+Troops to Russia</h1>", text)
    assert text.count("AFP") == 1
    assert '<time datetime="2024-10-23">23 October 2024</time>' in text
    assert '<p dir="auto" class="aside">North Korean soldiers. Uwe Brodrecht (CC BY-SA 2.0)</p>' in text
    shown = html.unescape(text)
    for block in article.blocks:
        assert f'<p dir="auto">{article.text[block.start : block.end]}</p>' in shown
    assert marked(text) == []
    assert "<script" not in text


def test_the_quote_is_marked(client: TestClient, article: Article) -> None:
    start = article.text.index("NATO spokeswoman")
    text = page(client, article, start=start, end=start + 33, sha256=article.sha256)
    assert marked(text) == [article.text[start : start + 33]]
    assert text.count('id="quote"') == 1
    assert '<script src="/static/quote.js" defer></script>' in text


def test_a_mark_across_paragraphs_is_in_each_of_them(client: TestClient, article: Article) -> None:
    start, end = article.blocks[0].end - 10, article.blocks[2].start + 10
    text = page(client, article, start=start, end=end)
    second = article.blocks[1]
    assert marked(text) == [
        article.text[start : start + 10],
        article.text[second.start : second.end],
        article.text[end - 10 : end],
    ]
    assert text.count('id="quote"') == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [("5", "5"), ("9", "4"), ("0", "99999"), ("-1", "4"), ("a", "b"), ("3", ""), ("", "3"), ("1e1", "20"), ("٣", "٩"),
     ("9" * 40, "9" * 41), ("<script>", "1")],
)  # fmt: skip
def test_a_bad_place_gives_a_page_without_mark_and_a_note(
    client: TestClient, article: Article, start: str, end: str
) -> None:
    text = page(client, article, start=start, end=end)
    assert marked(text) == []
    assert "nothing is marked" in text
    assert "<script" not in text


def test_a_changed_article_is_told(client: TestClient, article: Article) -> None:
    text = page(client, article, start=200, end=250, sha256="0" * 64)
    assert marked(text) == []
    assert "has changed since it was cited" in text
    text = page(client, article, start=200, end=250, sha256="0" * 64, quote="Nothing of that kind was ever in it")
    assert marked(text) == []
    assert "not in it any more" in text
    assert "has changed" not in page(client, article, start=200, end=250, sha256=article.sha256.upper())
    assert "has changed" not in page(client, article, start=200, end=250, sha256=article.sha256[:10])
    assert "has changed" in page(client, article, start=200, end=250, sha256=article.sha256[:9])


def test_a_link_opens_its_words_where_an_edit_moved_them(client: TestClient, article: Article) -> None:
    """An article of before the edit is cited, and the link opened in what there is now."""
    words = "lawmaker Park Sun-won told reporters."
    earlier = replace(article, text=article.text[100:], blocks=(Block(0, len(article.text) - 100),))
    at = earlier.text.index(words)
    citation = cite(earlier, Passage("p", article.id, 0, len(earlier.text)), at, at + len(words), "v")
    opened = client.get(Links(HERE).citation(citation)).text
    assert "".join(marked(opened)) == citation.quote
    assert "are still in it" in opened
    gone = replace(citation, quote=citation.quote.replace("told", "wrote to"))
    opened = client.get(Links(HERE).citation(gone)).text
    assert marked(opened) == []
    assert "were not found in it" in opened


@pytest.mark.parametrize(
    ("quote", "note"),
    [
        ("lawmaker Park Sun-won told reporters.", "are still in it"),
        ("lawmaker Park Sun-won told several reporters.", "what stands there now is marked"),
    ],
)
def test_in_a_changed_article_the_quote_is_marked_where_it_is_now(
    client: TestClient, article: Article, quote: str, note: str
) -> None:
    text = page(client, article, start=200, end=250, sha256="0" * 64, quote=quote)
    assert marked(text) == ["lawmaker Park Sun-won told reporters."]
    assert "has changed since it was cited" in text
    assert note in text


def test_an_unknown_article_is_a_page_for_people(client: TestClient) -> None:
    response = client.get("/articles/no-such-article")
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Article not found</h1>" in response.text


def test_every_article_is_shown_whole(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    for article in articles_snapshot.store.articles(limit=100):
        text = html.unescape(page(articles_client, article))
        assert text.count("<h1") == 1
        words = re.sub(r"</?(?:a|strong|em|code)\b[^<>]*>", "", text)
        for block in article.blocks:
            for start, end in block.cells or [(block.start, block.end)]:
                assert searchable(article.text[start:end]) in words
        assert "---\ntitle:" not in text
        if article.language:
            assert f'<article lang="{article.language}">' in text
        if article.url:
            assert f'<a href="{article.url}" rel="noopener noreferrer">Original article</a>' in text


def test_signs_of_markdown_become_lists_and_quotations() -> None:
    text = "Intro.\n\n- one\n- two\n\n1. first\n10) tenth\n\n> said\n\nThe price was (CC BY 2.0)\n\nEnd"
    words = ["Intro.", "one", "two", "first", "tenth", "said", "End"]
    blocks = tuple(Block(text.index(word), text.index(word) + len(word)) for word in words)
    shown = lines(Article("a", "Title", text, blocks, media_type="text/markdown"))
    assert [(line.kind, line.sign) for line in shown] == [
        ("paragraph", ""),
        ("item", "•"),
        ("item", "•"),
        ("item", "1."),
        ("item", "10)"),
        ("quotation", ""),
        ("aside", ""),
        ("paragraph", ""),
    ]


def test_markup_in_an_article_is_text(client: TestClient) -> None:
    from jinja2 import Environment

    from api.web.rendering import _templates

    environment: Environment = _templates().env
    assert environment.autoescape is True or callable(environment.autoescape)
    shown = client.get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_a_title_of_signs_alone_is_no_line() -> None:
    assert lines(Article("a", "#", "#", (), media_type="text/markdown")) == []


def shown_text(line: Line) -> str:
    return "".join(piece.text for piece in line.pieces)


@given(st.text(max_size=120), st.data())
def test_every_line_is_a_slice_and_all_of_a_mark_that_is_shown_is_marked(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    blocks = tuple(Block(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False) if start < end)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    article = Article("a", text[:10], text, blocks, published=date(2024, 1, 2), media_type="text/markdown")
    found = lines(article, (start, end) if start < end else None)
    at = 0
    words = ""
    for line in found:
        assert shown_text(line)
        at = text.index(shown_text(line), at) + len(shown_text(line))
        words += "".join(piece.text for piece in line.pieces if piece.marked)
    assert words == "".join(words)
    assert sum(piece.first for line in found for piece in line.pieces) == bool(words)
    for block in blocks:
        inside = text[max(start, block.start) : min(end, block.end)]
        assert inside in words


def test_the_front_page_asks_and_answers(client: TestClient) -> None:
    blank = client.get("/")
    assert blank.status_code == 200
    assert 'name="q"' in blank.text
    assert 'href="/docs"' in blank.text
    answered = client.get("/", params={"q": "Who is the NATO spokeswoman?"}).text
    assert "<mark>" in answered
    assert "Farah Dakhlallah" in answered
    assert "/c/000-c02cb47a3876a1ac-3749d4648d." in answered
    unanswered = client.get("/", params={"q": "What is the boiling point of mercury?"}).text
    assert "No article here answers that." in unanswered
    assert client.get("/", params={"q": "w" * 2001}).status_code == 422


def test_pages_hold_no_inline_script_or_style_and_load_nothing_from_elsewhere(
    client: TestClient, article: Article
) -> None:
    for path in ("/", "/?q=Who%3F", f"/articles/{article.id}?start=200&end=250", "/articles/none"):
        text = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", text)
        assert not re.search(r"(?:src|<link[^>]*href)=\"(?:https?:)?//", text)


@pytest.mark.parametrize(
    ("name", "media_type"), [("style.css", "text/css"), ("quote.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
)
def test_static_files(client: TestClient, name: str, media_type: str) -> None:
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media_type)
    assert "max-age" in response.headers["cache-control"]


def test_the_rows_of_a_table_are_shown_together_and_a_cell_is_marked() -> None:
    text = "Mill | Sacks\n\nNorth | 7\n\nIt rained."
    blocks = (
        Block(0, 12, "columns", cells=((0, 4), (7, 12))),
        Block(14, 23, "row", cells=((14, 19), (22, 23)), header=0),
        Block(25, 35),
    )
    shown = lines(Article("a", "A", text, blocks), (22, 23))
    assert [line.kind for line in shown] == ["columns", "row", "paragraph"]
    assert [[piece.text for piece in cell] for cell in shown[1].cells] == [["North"], ["7"]]
    assert shown[1].is_marked
    assert not shown[0].is_marked
    assert [len(run) for run in tables_together(shown)] == [2, 1]


def test_a_table_is_a_table_on_the_page(make_data_dir: DataDir, tmp_path: Path) -> None:
    words = "# Mills\n\nThey grind.\n\n| Mill | **Sacks** |\n|---|---|\n| North | 7 |\n| South | |\n\nIt rained."
    (tmp_path / "mills.md").write_text(words, encoding="utf-8")
    settings = load_settings(data_dir=make_data_dir(tmp_path), threads=1)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        (found,) = client.get("/v1/articles").json()["articles"]
        article = client.get(f"/v1/articles/{found['id']}").json()
        row = article["blocks"][2]
        assert (row["kind"], row["header"]) == ("row", 1)
        start, end = row["cells"][1]
        assert article["text"][start:end] == "7"
        shown = client.get(f"/articles/{found['id']}", params={"start": start, "end": end}).text
    assert '<th scope="col" dir="auto">Mill</th><th scope="col" dir="auto"><strong>Sacks</strong></th>' in shown
    assert '<td dir="auto">North</td><td dir="auto"><mark id="quote">7</mark></td>' in shown
    assert '<td dir="auto">South</td><td dir="auto"></td>' in shown
    assert shown.count("<table>") == 1


def test_a_very_long_title_is_smaller(make_data_dir: DataDir, tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text(f"# {'A title without end ' * 10}\n\nIt rained.", encoding="utf-8")
    (tmp_path / "mills.md").write_text("# Mills\n\nThey grind.", encoding="utf-8")
    settings = load_settings(data_dir=make_data_dir(tmp_path), threads=1)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        shown = {
            each["title"][:5]: client.get(each["page"]).text for each in client.get("/v1/articles").json()["articles"]
        }
    assert '<h1 dir="auto" class="long">' in shown["A tit"]
    assert '<h1 dir="auto">' in shown["Mills"]


def test_an_article_looks_as_it_was_meant(make_data_dir: DataDir, tmp_path: Path) -> None:
    words = (
        "# Mills\n\nThey **grind [oats](https://oats.example) all** day, `x < 1`, and [not](page.html) by *night*."
        "\n\n![A map](map.png)\n\n1. First\n   - Inner\n\n```sh\nif a\n  b\n\nc\n```\n\n### Parts\n\nIt rained.\n"
    )
    (tmp_path / "mills.md").write_text(words, encoding="utf-8")
    settings = load_settings(data_dir=make_data_dir(tmp_path), threads=1)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        (found,) = client.get("/v1/articles").json()["articles"]
        text = client.get(f"/v1/articles/{found['id']}").json()["text"]
        assert len(text) == len(words)
        start = text.index("oats")
        shown = client.get(f"/articles/{found['id']}", params={"start": start, "end": text.index(" day")}).text
    assert '<strong>grind </strong><mark id="quote"><a href="https://oats.example" rel="noopener noreferrer">' in shown
    assert "<strong>oats</strong></a><strong> all</strong></mark> day, <code>x &lt; 1</code>" in shown
    assert "and not by <em>night</em>." in shown
    assert '<span class="picture">Picture: A map</span>' in shown
    assert '<p dir="auto" class="item" data-sign="1.">First</p>' in shown
    assert '<p dir="auto" class="item deep-2" data-sign="•">Inner</p>' in shown
    assert "<code>if a\n  b\n\nc\n</code></pre>" in shown
    assert "<h3 dir=" in shown
    assert "page.html" not in shown
    assert "```" not in shown


def test_markup_in_a_title_is_not_shown_twice_and_a_long_one_is_cut_in_lists(
    make_data_dir: DataDir, tmp_path: Path
) -> None:
    long = "The harbour of Lindvik " * 20
    (tmp_path / "greeting.md").write_text('# Say "<b>hello</b>" & *go*\n\nThe greeting is from 1827.\n')
    (tmp_path / "harbour.md").write_text(f"# {long}\n\nThe harbour was dredged to 14 metres.\n")
    settings = load_settings(data_dir=make_data_dir(tmp_path), threads=1)
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        greeting, harbour = (each["id"] for each in client.get("/v1/articles").json()["articles"])
        shown = client.get(f"/articles/{greeting}").text
        others = [
            client.get(path).text for path in (f"/articles/{greeting}", "/articles", "/?q=How+deep+is+the+harbour")
        ]
        whole = client.get(f"/articles/{harbour}").text
    assert "# Say" not in shown
    assert re.search(r"<h1[^>]*>\s*Say &#34;<strong>hello</strong>&#34; &amp; <em>go</em>\s*</h1>", shown)
    assert f">{long.strip()}</h1>" in re.sub(r"\s*(</?h1)", r"\1", whole)
    assert all(f">{long[:159].rstrip()}…</" in page for page in others)
