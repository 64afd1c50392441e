"""docs/widget.md names what the widget has, and nothing else."""

import re

import pytest

from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8")
SOURCE = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "widget" / "src").iterdir()}


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> set[str]:
    cells = re.findall(r"^\| (`[^|]+) \|", section(title), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_attributes() -> None:
    properties = re.search(r"static override properties = \{(.*?)\n  \};", SOURCE["chat.ts"], re.DOTALL)
    assert properties is not None
    public = [line for line in properties[1].splitlines() if "state: true" not in line]
    named = {
        (re.search(r'attribute: "([^"]+)"', line) or re.search(r"(\w+):", line))[1]  # type: ignore[index]
        for line in public
        if line.strip()
    }
    assert first_cells("Attributes") == named | {"theme", "lang", "dir", "id"}


def test_events() -> None:
    assert first_cells("Methods and events") == {
        f"pullquote-{name}" for name in re.findall(r'#send\("(\w+)"', SOURCE["chat.ts"])
    }


def test_variables() -> None:
    assert first_cells("Look") == set(re.findall(r"var\((--pullquote-[a-z-]+)", SOURCE["styles.css"]))


def test_parts() -> None:
    parts = {part for text in SOURCE.values() for part in re.findall(r' part="(\w+)"', text)}
    told = re.search(r"there\s+are\s+parts:\s+(.*?)\.\s+The\s+tests", section("Look"), re.DOTALL)
    assert told is not None
    assert set(re.findall(r"`(\w+)`", told[1])) == parts


def test_words_and_languages() -> None:
    languages = re.search(r"const languages[^=]+= \{([^}]+)\}", SOURCE["strings.ts"])
    assert languages is not None
    text = section("Languages")
    assert set(re.findall(r"\(`(\w\w)`\)", text)) == set(re.findall(r"(\w\w):", languages[1]))
    english = re.search(r"const english = \{(.*?)\n\};", SOURCE["strings.ts"], re.DOTALL)
    assert english is not None
    words = re.findall(r"^  (\w+):", english[1], re.MULTILINE)
    told = text.partition("The words are")[2].partition(";")[0]
    assert re.findall(r"`(\w+)`", told) == words


@pytest.mark.parametrize("method", ["ask", "stop", "clear", "focus"])
def test_methods(method: str) -> None:
    assert re.search(rf"^  (?:async |override )?{method}\(", SOURCE["chat.ts"], re.MULTILINE)
