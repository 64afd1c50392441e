"""The application on its own, as any ASGI server starts it."""

import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from api.app import create_app
from api.settings import ConfigurationError
from api.telemetry.logs import show_log

_PATIENCE = 240.0


def test_uvicorn_makes_it_from_the_environment_and_its_log_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", "0"]
    with log.open("w") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=sink, env={**os.environ, "PULLQUOTE_DATA_DIR": str(tmp_path / "var")}
        )
        try:
            deadline = time.monotonic() + _PATIENCE
            while not (found := re.search(r"running on (http://\S+)", log.read_text())):
                assert time.monotonic() < deadline, log.read_text()
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            ready = httpx2.get(f"{found[1]}/readyz", timeout=_PATIENCE)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)
    assert ready.status_code == 503
    (reason,) = re.findall(r"^ERROR: +not ready: (.+)", log.read_text(), re.MULTILINE)
    assert str(tmp_path / "var") in reason


def test_a_setting_that_can_not_be_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PORT", "many")
    with pytest.raises(ConfigurationError, match="PULLQUOTE_PORT"):
        create_app()


def test_a_program_that_configures_logging_gets_every_line_once() -> None:
    logger = logging.getLogger("pullquote")
    before = list(logger.handlers)
    show_log()
    assert logger.handlers == before, "pytest's own handlers are at the root"
    assert all(isinstance(handler, logging.NullHandler) for handler in before)
