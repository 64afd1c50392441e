"""What the documentation points at exists."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts.build_site import pages
from tests.support.paths import ROOT

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target or not (path or anchor):
            continue
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in slugs, f"{page.name} links {target}"


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert {first or second for first, second in named} <= targets, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_test_that_is_named_exists(page: Path) -> None:
    for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text(encoding="utf-8")):
        assert re.search(rf"^(async )?def {name}\b", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_and_folder_of_the_project_that_is_named_exists(page: Path) -> None:
    folders = "index|rag|api|pullquote|training|benchmarks|widget|tests|scripts|seeds|docs"
    for path in re.findall(rf"`((?:{folders})/[\w/.-]*)`", page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_the_architecture_walks_through_every_folder() -> None:
    packages = [folder.parent for folder in ROOT.glob("*/__init__.py")]
    rooms = [folder.parent for package in ("index", "rag", "api") for folder in ROOT.glob(f"{package}/*/__init__.py")]
    assert {"index", "rag", "api"} <= {package.name for package in packages}
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    walked = set(re.findall(r"^(?:## |\| `)([a-z_/]+/)`?", text, re.MULTILINE))
    assert {f"{folder.relative_to(ROOT).as_posix()}/" for folder in (*packages, *rooms)} <= walked


def test_every_decision_has_a_number_of_its_own_a_date_and_a_reason() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    numbers = []
    for entry in entries:
        found = re.match(r"\*\*(\d+)\*\* \(\d{4}-\d\d-\d\d\) [^*]+\n  \*Why:\* \S", entry)
        assert found, f"write it as '- **NUMBER** (DATE) What.' and, on the next line, '*Why:* reason': {entry}"
        numbers.append(int(found[1]))
    assert numbers
    assert len(set(numbers)) == len(numbers), "a number stands twice: take the next free one"


def test_the_architecture_shows_who_may_import_whom() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layered = [each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    lines = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()
    assert len(layered) >= 4
    for contract in layered:
        name = contract.get("containers", ["packages"])[0]
        assert f"{name}: {' > '.join(contract['layers'])}" in lines, contract["name"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_do_without_words_that_only_insiders_understand(page: Path) -> None:
    text = re.sub(r'```.*?```|`[^`]*`|"[^"]*"', "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"\b(?:is|are|was|were|be) told\b|\btold (?:by|apart|as)\b|\bdoor\b|\bmends\b", text)
