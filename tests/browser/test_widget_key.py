"""The widget in pages of another origin, of a service that answers nobody without a key."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.access.keys import KeyStore
from tests.browser.test_widget import MASTER, ask
from tests.support.host import Host
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_key_of_the_page_s_origin_asks_and_no_other_does(
    browser: "Browser", host: Host, articles_data: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(articles_data, tmp_path / "data", symlinks=True)
    keys = KeyStore(data)
    _, here = keys.create("this page", origins=[host.address])
    _, elsewhere = keys.create("another page", origins=["https://www.example.org"])
    given = {"PULLQUOTE_CORS_ORIGINS": host.address, "PULLQUOTE_PUBLIC_ASK": "false"}
    with running_server(data, **given) as (address, _), browser.new_context() as context:
        for attributes, answers in ((f'key="{here}"', 1), (f'key="{elsewhere}"', 0), ("", 0)):
            page = context.new_page()
            page.goto(host.hold(address, attributes))
            turn = ask(page, MASTER)
            assert turn.locator(".answer").count() >= answers
            assert bool(turn.locator(".trouble").count()) is not bool(answers)
