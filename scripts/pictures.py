"""Make the pictures of the README from a running service: ``docs/pictures/answer.png`` and ``asking.gif``.

``python -m scripts.pictures`` indexes ``seeds/``, serves it on a free port of this machine, and asks in a headless
Chromium, as somebody would who has just installed it.
"""

import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

import pullquote
from scripts.screenshots import BROWSERS, ROOT
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

OUT = ROOT / "docs" / "pictures"
SIZE: "ViewportSize" = {"width": 880, "height": 600}
QUESTION = "Who heads the tidal power plant?"
FOLLOW_UP = "When does he begin?"

_COLOURS = 96


class Film:
    """Frames of a page, each shown for a while."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    def hold(self, seconds: float) -> None:
        """Show the page as it is now for so long."""
        frame = Image.open(io.BytesIO(self._page.screenshot())).convert("RGB")
        self._frames.append(frame.quantize(_COLOURS, dither=Image.Dither.NONE))
        self._milliseconds.append(round(1000 * seconds))

    def type(self, field: str, text: str) -> None:
        """Write into a field, a few letters a frame."""
        for end in range(3, len(text) + 3, 3):
            self._page.fill(field, text[:end])
            self.hold(0.12)

    def write(self, path: Path) -> None:
        """Write an animation that begins anew when it has ended."""
        first, *others = self._frames
        first.save(path, save_all=True, append_images=others, duration=self._milliseconds, loop=0, optimize=True)


def ask(page: "Page", address: str) -> None:
    """Ask, open the citation, go back, and ask again."""
    page.goto(address)
    film = Film(page)
    film.hold(1.2)
    film.type("form.ask [name=q]", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("blockquote")
    page.screenshot(path=OUT / "answer.png")
    film.hold(3.0)
    page.click("blockquote ~ .meta a")
    page.wait_for_selector("mark")
    film.hold(3.0)
    page.go_back()
    page.wait_for_selector("blockquote")
    film.type("#follow-up", FOLLOW_UP)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "begin" in url)
    page.wait_for_selector("blockquote")
    film.hold(3.5)
    film.write(OUT / "asking.gif")


def main() -> None:
    """Make the pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    browser = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        data = Path(folder) / "data"
        pullquote.build([ROOT / "seeds"], data)
        with running_server(data) as (address, _):
            opened = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
            ask(opened.new_page(viewport=SIZE), address)
            opened.close()


if __name__ == "__main__":
    main()
