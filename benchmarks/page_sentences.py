"""Sentences that web pages should and should not give: ``python -m benchmarks.page_sentences TRAFILATURA/tests``.

The folder is that of trafilatura 1.0.0, whose source package on PyPI still has its pages (``cache``), with sentences of
each that an extractor should find and should not (``realworld_tests.py``; those in remarks are wishes, and count, too).
Both are counted by halves of the sites, so that what is chosen by one half can be judged by the other.
"""

import argparse
import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from index.article import Article, single_spaced
from index.formats.html import load
from index.parsing.types import LoadError, Origin

_PAGES = re.compile(r"^MOCK_PAGES = (\{.*?^\})", re.DOTALL | re.MULTILINE)
_PAGE = re.compile(r"""^(?!\s*#).*load_mock_page\(\s*(?P<url>'[^']+'|"[^"]+")""")
_SENTENCE = re.compile(r"""(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")\s+(?P<not>not )?in result""")


def main() -> None:
    """Print how many of both kinds are found, by halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--wrong", action="store_true", help="name those that are missing and those that are too many")
    arguments = parser.parse_args()
    script = (arguments.suite / "realworld_tests.py").read_text(encoding="utf-8")
    texts: dict[Path, str] = {}
    counts: Counter[tuple[int, str]] = Counter()
    for url, name, sentence, is_wanted in sentences(script):
        path = arguments.suite / "cache" / name
        if not path.is_file():
            continue
        text = texts.get(path) or texts.setdefault(path, _text(path, url))
        is_found = single_spaced(sentence) in text
        half = hashlib.sha256((urlsplit(url).hostname or "").removeprefix("www.").encode()).digest()[0] % 2
        counts[half, "wanted" if is_wanted else "unwanted"] += 1
        counts[half, "wanted and found" if is_wanted else "unwanted and found"] += is_found
        if arguments.wrong and is_found != is_wanted:
            print("missing" if is_wanted else "too many", name, sentence)
    print(len(texts), "pages")
    for (half, what), count in sorted(counts.items()):
        print(f"half {half}: {what} {count}")


def sentences(script: str) -> Iterator[tuple[str, str, str, bool]]:
    """The address of each page, its file, and a sentence with whether it should be found."""
    table = _PAGES.search(script)
    files: dict[str, str] = ast.literal_eval(table[1]) if table else {}
    url = ""
    for line in script.splitlines():
        if page := _PAGE.match(line):
            url = str(ast.literal_eval(page["url"]))
        elif "load_mock_page(" in line:
            url = ""
        if url in files:
            for found in _SENTENCE.finditer(line):
                yield url, files[url], str(ast.literal_eval(found["text"])), not found["not"]


def _text(path: Path, url: str) -> str:
    try:
        articles = [item for item in load(path.read_bytes(), Origin(url, url=url)) if isinstance(item, Article)]
    except LoadError:
        return " "
    return single_spaced(" ".join(article.text for article in articles))


if __name__ == "__main__":
    main()
