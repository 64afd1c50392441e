"""Takes the pictures of the pages in ``docs/screenshots``: desktop and phone, light and dark, from a running service.

``make screenshots`` calls it. It serves a copy of the index that is there, so that nothing is written beside that.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 780}}
QUESTION = "How many special forces soldiers did Pyongyang first send?"
PAGES = {
    "home": "/",
    "answer": f"/?q={QUESTION.replace(' ', '+')}",
    "disputed": "/?q=How+many+grey+seals+were+counted+on+the+Tarn+islands%3F",
    "none": "/?q=What+is+the+boiling+point+of+mercury%3F",
    "articles": "/articles",
    "adding": "/articles#add",
    "article": "/articles?q=sirens",
    "chat": "/chat",
    "bubble": "/chat",
    "check": "/check",
    "docs": "/docs",
    "admin": "/admin",
    "questions": "/admin/questions",
    "missing": "/nothing",
}
GUARDED = {"enter": "/admin"}
"""Taken of a service that asks for a key."""

DRAFT = (
    "The bridge over the Sound cost 40 million crowns in the end. Oyvind Sarpe was appointed head of the tidal power "
    "plant at Skarvoy. The harbour of Halvick is owned by a bank in Zurich."
)
_WIDGET = "document.querySelector('pullquote-chat')"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_PORT = 8766
_ADDRESS = f"http://127.0.0.1:{_PORT}"


@contextmanager
def _service(**more: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / os.environ.get("PULLQUOTE_DATA_DIR", "var") / "index", Path(folder, "index"))
        environment = {**os.environ, "PULLQUOTE_DATA_DIR": folder, "PULLQUOTE_QUESTION_LOG": "true", **more}
        command = [sys.executable, "-m", "api", "serve", "--port", str(_PORT)]
        serving = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            with httpx2.Client(transport=httpx2.HTTPTransport(retries=20), timeout=120) as client:
                while serving.poll() is None:
                    try:
                        if client.get(f"{_ADDRESS}/readyz").status_code == 200:
                            break
                    except httpx2.TransportError:
                        continue
            yield
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(60)


def _prepare(page: "Page", name: str) -> None:
    """Do what somebody does on a page before it looks as it is to be shown."""
    if name == "adding":
        page.locator("#add[open]").wait_for()
    elif name == "article":
        page.locator(".rows .title a").first.click()
        page.locator("article").wait_for()
    elif name == "check":
        page.locator("textarea").fill(DRAFT)
        page.locator("main form button").click()
        page.locator(".checked").wait_for()
        page.locator("main label").evaluate("label => label.scrollIntoView()")
    elif name in {"chat", "bubble"}:
        page.evaluate(f"{_WIDGET}.clear()")
        if name == "bubble":
            page.evaluate(f"{_WIDGET}.mode = 'bubble'")
            page.locator(".launcher").click()
        page.get_by_role("textbox").fill(QUESTION)
        page.keyboard.press("Enter")
        page.locator("button.note").first.click()
        page.locator("mark").wait_for()


def _take(browser: "Browser", pages: dict[str, str]) -> None:
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            look: dict[str, Any] = {"viewport": viewport, "color_scheme": scheme}
            context = browser.new_context(**look)
            context.set_default_timeout(120_000)
            page = context.new_page()
            for name, address in pages.items():
                page.goto(_ADDRESS + address, wait_until="networkidle")
                _prepare(page, name)
                page.screenshot(path=OUT / f"{name}-{size}-{scheme}.jpg", type="jpeg", quality=70)
            context.close()


def main() -> None:
    """Take every picture."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        with _service():
            _take(browser, PAGES)
        with _service(PULLQUOTE_WRITE_TOKEN=secrets.token_urlsafe(32)):
            _take(browser, GUARDED)
        browser.close()


if __name__ == "__main__":
    main()
