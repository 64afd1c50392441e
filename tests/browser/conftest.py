"""A headless Chromium, a service, and pages that fail their test when anything goes wrong in them."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.support.host import Host
from tests.support.paths import ROOT
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    Open = Callable[..., Page]

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": {"width": 390, "height": 780}, "desktop": {"width": 1280, "height": 850}}
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]

_PATIENCE_MS = 120_000
_WATCH = "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install 'pullquote[browser]'"
    )
    path = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium found: install chromium-headless-shell, or set PULLQUOTE_CHROMIUM to its path")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Another origin, with pages of its own."""
    with Host() as opened:
        yield opened


@pytest.fixture(scope="session")
def address(articles_data: Path, host: Host) -> Iterator[str]:
    """A service over ``tests/articles`` that lets the other origin ask."""
    with running_server(articles_data, PULLQUOTE_CORS_ORIGINS=host.address) as (address, _):
        while 'class="examples"' not in httpx2.get(address, timeout=60).text:
            time.sleep(0.5)
        yield address


@pytest.fixture
def open_page(browser: "Browser", address: str, host: Host) -> Iterator["Open"]:
    """Opens pages, of contexts with the options given, that may ask no host but the service and the other origin.

    The test fails when a page writes to its console, breaks a policy, or asks another host for anything. What
    ``expected`` names in its text may be written.
    """
    told: list[str] = []

    def opened(expected: str | None = None, **options: Any) -> "Page":
        context: BrowserContext = stack.enter_context(browser.new_context(**options))
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_WATCH)
        page = context.new_page()

        def listen(text: str) -> None:
            if expected is None or expected not in text:
                told.append(text)

        page.on("console", lambda message: listen(message.text))
        page.on("pageerror", lambda error: listen(str(error)))
        page.on("request", lambda asked: asked.url.startswith((address, host.address)) or listen(asked.url))
        return page

    with ExitStack() as stack:
        yield opened
    assert told == []


@pytest.fixture(params=LOOKS, ids="-".join)
def page(request: pytest.FixtureRequest, open_page: "Open") -> "Page":
    """A page in each size and colour scheme."""
    size, scheme = request.param
    return open_page(viewport=SIZES[size], color_scheme=scheme)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which finds what makes a page hard to use for some."""
    if not _AXE.exists():
        if shutil.which("npm") is None:
            pytest.skip("axe-core is not there and can't be installed: install Node.js with npm")
        subprocess.run(["npm", "ci", "--ignore-scripts", "--prefix", str(ROOT / "widget")], check=True)
    return _AXE.read_text(encoding="utf-8")


@pytest.fixture
def violations(axe: str) -> Callable[["Page"], list[str]]:
    """Asks axe-core about a page; one line for each thing it finds."""

    def find(page: "Page") -> list[str]:
        page.evaluate(axe)
        found = page.evaluate("axe.run(document)")["violations"]
        return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}" for each in found]

    return find
