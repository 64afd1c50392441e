"""The documentation as a site in ``build/site``: ``python scripts/build_site.py``, or ``make docs``.

Pages lie beside what they are about, and are written to be read in the repository, too. Here they are gathered with the
same folders into ``build/pages``, with the pictures that they show. A link to a file that is no page becomes its
words, because the site holds no source code. Zensical builds them, and stops at the first link that leads nowhere.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GATHERED = ROOT / "build" / "pages"
STYLE = "docs/site.css"
PICTURES = {".svg", ".png", ".jpg"}

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"(^```.*?^```|`[^`\n]+`(?!\]))", re.MULTILINE | re.DOTALL)


def pages(root: Path = ROOT) -> list[Path]:
    """Every page, in the order of their paths."""
    patterns = ("*.md", "docs/**/*.md", "training/*.md", "examples/**/*.md", "index/models/*/*.md", "rag/models/*/*.md")
    found = {path for pattern in patterns for path in root.glob(pattern)}
    return sorted(path for path in found if "node_modules" not in path.parts)


def gather(root: Path = ROOT, folder: Path = GATHERED) -> None:
    """Copy the pages and their pictures into ``folder``, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    known = set(pages(root))
    (folder / STYLE).parent.mkdir(parents=True)
    shutil.copyfile(root / STYLE, folder / STYLE)
    for page in known:
        text = page.read_text(encoding="utf-8")
        target = folder / page.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        parts = _CODE.split(text)
        parts[::2] = [_LINK.sub(lambda link, page=page: _within_site(link, page, known), part) for part in parts[::2]]
        target.write_text("".join(parts), encoding="utf-8")
        for _, _, address in _LINK.findall(text):
            picture = (page.parent / address).resolve()
            if picture.suffix in PICTURES and picture.is_file():
                copy = folder / picture.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(picture, copy)


def _within_site(link: re.Match[str], page: Path, known: set[Path]) -> str:
    """The link, or its words when it leads to a file that the site does not have."""
    mark, words, address = link.groups()
    path = address.partition("#")[0]
    linked = (page.parent / path).resolve()
    if mark or "://" in address or not path or linked in known or not linked.exists():
        return link[0]
    return words if "`" in words or " " in words else f"`{words}`"


def main() -> int:
    """Gather and build; the exit code is Zensical's."""
    gather()
    shutil.rmtree(ROOT / "build" / "site", ignore_errors=True)
    return subprocess.run([sys.executable, "-m", "zensical", "build", "--clean", "--strict"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
