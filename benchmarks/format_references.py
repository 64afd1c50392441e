"""Documents with what their words are, for ``benchmarks.formats``."""

import html
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks.format_words import (
    Reference,
    agreed_words,
    beside,
    native_words,
    office_words,
    page_captions,
    page_headings,
)

ReadAll = Callable[[Sequence[Path]], Iterator[list[str]]]
"""The texts of each document, by several readers."""

_LEAST_BYTES = 3_000
_LEAST_WORDS = 20
_ENDINGS = ("docx", "odt", "ods", "epub", "pptx", "xlsx", "pdf", "rtf")


def write_references(sources: Iterable[Path], out: Path, read_all: ReadAll) -> None:
    """Copy the documents below ``sources`` to ``out``, each with ``NAME.txt``; ``read_all`` is for PDF."""
    seen: set[bytes] = set()
    pdfs: list[Path] = []
    for source in sources:
        for path, data in _documents(source):
            ending = path.suffix[1:].lower()
            if ending == "html" and data not in seen:
                seen.add(data)
                _write_page(path, data, out / "pages")
            if ending not in _ENDINGS or data in seen or (ending == "pdf" and len(data) < _LEAST_BYTES):
                continue
            seen.add(data)
            copy = out / ending / f"{len(seen):04}-{path.name}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
            if ending == "pdf":
                pdfs.append(copy)
            elif (reference := _pandoc(path) or office_words(copy)) and reference.words.strip():
                _write(copy, reference)
            else:
                copy.unlink()
    for path, texts in zip(pdfs, read_all(pdfs), strict=True):
        reference = agreed_words(texts, texts[0].split("\f"))
        if len(reference.words.split()) < _LEAST_WORDS:
            path.unlink()
        else:
            _write(path, reference)
    write_pages(out / "html")


def _write_page(path: Path, data: bytes, out: Path) -> None:
    """Copy a page whose words its test suite tells: that of newspaper4k (``txt``, ``metadata``) or of pandoc."""
    suite = path.parent.parent
    given, metadata = suite / "txt" / f"{path.stem}.txt", suite / "metadata" / f"{path.stem}.json"
    words = Reference(given.read_text(encoding="utf-8")) if given.is_file() else _pandoc(path)
    if not words or not words.words.strip():
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / path.name).write_bytes(data)
    _write(out / path.name, Reference(words.words, f"{words.optional} {page_captions(data)}"))
    title = json.loads(metadata.read_text(encoding="utf-8")).get("title") if metadata.is_file() else None
    if title:
        (out / f"{path.name}.title").write_text("\n".join([title, *page_headings(data, title)]), encoding="utf-8")


def _documents(source: Path) -> Iterator[tuple[Path, bytes]]:
    """The documents of a folder, and the workbooks that are embedded in slides."""
    for path in sorted(source.rglob("*")):
        if not path.is_file():
            continue
        yield path, path.read_bytes()
        if path.suffix == ".pptx" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                for name in package.namelist():
                    if name.endswith(".xlsx"):
                        yield path.with_name(Path(name).name), package.read(name)


def _pandoc(path: Path) -> Reference | None:
    """What the test suite of pandoc says of a document."""
    places = (path.with_suffix(".native"), path.parent.parent / "native" / f"{path.stem}.native")
    native = next((place for place in places if place.is_file()), None)
    if native is None:
        return None
    reference = native_words(native.read_text(encoding="utf-8"))
    return Reference(reference.words, f"{reference.optional} {beside(path)}")


def _write(path: Path, reference: Reference) -> None:
    path.with_name(f"{path.name}.txt").write_text(reference.words, encoding="utf-8")
    path.with_name(f"{path.name}.optional").write_text(reference.optional, encoding="utf-8")


_MENU = '<nav><ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li><li><a href="/s">Sport</a></li></ul></nav>'
_LINKS = "".join(f'<li><a href="/{number}">Another story, number {number}, of the week</a></li>' for number in range(8))
_RELATED = f'<div class="related"><h3>More on this</h3><ul>{_LINKS}</ul></div>'
_FOOT = "<footer><p>© 2024 The Paper. All rights reserved. <a href='/privacy'>Privacy</a></p></footer>"
_COOKIES = '<div id="cookie-banner"><p>We use cookies to make this site work for you.</p><button>Accept</button></div>'


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts)


def _items(texts: Sequence[str]) -> str:
    half = len(texts) // 2
    items = "".join(f"<li>{html.escape(text)}</li>" for text in texts[half:])
    return f"{_paragraphs(texts[:half])}<ul>{items}</ul>"


def _divisions(texts: Sequence[str]) -> str:
    return "".join(f"<div>{html.escape(text)}</div>" for text in texts)


def _breaks(texts: Sequence[str]) -> str:
    return "<br><br>".join(map(html.escape, texts))


def _sections(texts: Sequence[str]) -> str:
    return "".join(f"<h3>Part {at}</h3><div><p>{html.escape(text)}</p></div>" for at, text in enumerate(texts, 1))


LAYOUTS: dict[str, tuple[str, Callable[[Sequence[str]], str]]] = {
    "article": (f"{_MENU}<main><article><h1>{{title}}</h1>{{body}}</article></main>{_RELATED}{_FOOT}", _paragraphs),
    "entry": (
        f"{_COOKIES}{_MENU}<div class='entry-content'><h1>{{title}}</h1>{{body}}</div>{_RELATED}{_FOOT}",
        _paragraphs,
    ),
    "items": (f"{_MENU}<article><h1>{{title}}</h1>{{body}}</article>{_FOOT}", _items),
    "items-unmarked": (f"<div id='top'>{_MENU}</div><div id='w'><h1>{{title}}</h1>{{body}}</div>{_FOOT}", _items),
    "sections-unmarked": (
        f"<div id='top'>{_MENU}</div><div id='w'><h1>{{title}}</h1>{{body}}</div>{_RELATED}",
        _sections,
    ),
    "divisions": (
        f"{_MENU}<div id='w'><h1>{{title}}</h1><div class='x'>{{body}}</div></div>{_RELATED}{_FOOT}",
        _divisions,
    ),
    "breaks": (f"{_MENU}<div class='x'><h1>{{title}}</h1><div>{{body}}</div></div>{_RELATED}{_FOOT}", _breaks),
    "form": (
        f"<form method='post' action='x.aspx'>{_MENU}<div><h1>{{title}}</h1>{{body}}</div>{_FOOT}</form>",
        _divisions,
    ),
    "header": (f"{_MENU}<header><h1>{{title}}</h1>{{body}}</header>{_FOOT}", _paragraphs),
    "open-menu": (f"<nav><a href='/'>Home</a><h1>{{title}}</h1>{{body}}{_RELATED}", _paragraphs),
    "table": (
        f"<table><tr><td>{_MENU}</td><td><h1>{{title}}</h1>{{body}}</td><td>{_RELATED}</td></tr></table>{_FOOT}",
        _paragraphs,
    ),
    "table-bold": (
        f"<table><tr><td width='20%'>{_MENU}</td><td><b>{{title}}</b><br><br>{{body}}</td></tr></table>{_FOOT}",
        _breaks,
    ),
    "json-ld": (f"{_MENU}<div id='app'></div>{_FOOT}", lambda texts: "\n\n".join(texts)),
}
"""The bodies of pages, and how the paragraphs of an article stand in them."""


def write_pages(out: Path) -> None:
    """Each article of ``seeds`` and ``tests/articles`` that is plain text or Markdown, in each layout."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(
        [*Path("seeds").rglob("*.txt"), *Path("seeds").rglob("*.md"), *Path("tests/articles").glob("*.txt")]
    ):
        lines = re.sub(r"\A---.*?---\n", "", path.read_text("utf-8", "replace"), flags=re.DOTALL).strip()
        stanzas = [" ".join(stanza.split()) for stanza in re.split(r"\n\s*\n", lines)]
        texts = [stanza for stanza in stanzas[1:] if len(stanza) > 80 and not re.match(r"[#|>*-]", stanza)]
        title = stanzas[0].lstrip("# ")[:100]
        if len(texts) < 3:
            continue
        for name, (layout, write) in LAYOUTS.items():
            body = write(texts)
            record = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "articleBody": body}
            described = f'<script type="application/ld+json">{json.dumps(record)}</script>' if name == "json-ld" else ""
            shown = layout.replace("{title}", html.escape(title)).replace("{body}", "" if described else body)
            page = out / f"{path.stem}-{name}.html"
            page.write_text(
                '<!doctype html><html lang="en"><head><meta charset="utf-8">'
                f"<title>{html.escape(title)} | The Paper</title>{described}</head><body>{shown}</body></html>",
                encoding="utf-8",
            )
            _write(page, Reference("\n".join(texts)))
            page.with_name(f"{page.name}.title").write_text(title, encoding="utf-8")
