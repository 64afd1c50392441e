"""Articles of different days that contradict each other, name weekdays, grow old, and have words in bold."""

from pathlib import Path

_ARTICLES = {
    "council": (
        "Council counts visitors",
        "2023-02-03",
        "The harbour museum in Tarrow drew 40,000 visitors last year.",
    ),
    "record": ("A record in Tarrow", "2024-02-11", "The harbour museum in Tarrow drew 55,000 visitors last year."),
    "wing": (
        "Museum grows",
        "2024-03-01",
        "The harbour museum in Tarrow drew **55,000** visitors last year, *more than* ~~ever~~ any in `Brae`.",
    ),
    "storm": (
        "Storm over Brae",
        "2024-10-23",
        "The storm tore the roof off the school of Brae on Tuesday. Nobody was hurt in the storm.",
    ),
    "jury": ("Who is on the jury", "2024-05-05", "The chair of the jury of the Lund prize is Ada Holm."),
}
MUSEUM = "How many visitors did the harbour museum in Tarrow draw last year?"
STORM = "When did the storm tear the roof off the school of Brae?"
JURY = "Who is the chair of the jury of the Lund prize?"


def write_dated_articles(folder: Path) -> Path:
    """Write them into ``folder`` as Markdown."""
    for name, (title, day, text) in _ARTICLES.items():
        folder.joinpath(f"{name}.md").write_text(f"---\ntitle: {title}\ndate: {day}\n---\n\n{text}\n", encoding="utf-8")
    return folder
