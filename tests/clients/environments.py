"""Other people's clients, each in an environment of its own that is installed when it is first needed.

``python -m tests.clients.environments`` installs all of them. They lie in ``$XDG_CACHE_HOME/pullquote-clients``.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pullquote-clients"

PYTHON = {
    "langchain": ("langchain-openai==1.7.3",),
    "llamaindex": ("llama-index-llms-openai-like==0.8.1", "llama-index-llms-openai>=0.6"),
}
OPEN_WEBUI = ("torch==2.13.0", "open-webui==0.12.4")
"""2.5 GB, by itself."""
NODE = {
    "openai": ("openai@6.49.0",),
    "ai-sdk": ("ai@6.0.326", "@ai-sdk/openai@3.0.141", "@ai-sdk/openai-compatible@2.0.91"),
    "langchain-js": ("@langchain/openai@1.5.8", "@langchain/core"),
    "mcp-js": ("@modelcontextprotocol/sdk@1.32.2",),
}


class NotInstalledError(Exception):
    """A client can't be installed here."""


def python(name: str) -> Path:
    """The interpreter of the environment ``name``.

    :raises NotInstalledError: saying why it is not there.
    """
    return _environment(_folder(name, PYTHON[name]), PYTHON[name])


def open_webui() -> Path:
    """The interpreter of the environment of Open WebUI.

    :raises NotInstalledError: saying why it is not there.
    """
    return _environment(_folder("open-webui", OPEN_WEBUI), OPEN_WEBUI)


def _environment(folder: Path, packages: Sequence[str]) -> Path:
    interpreter = folder / "bin" / "python"

    def install() -> None:
        venv.create(folder, with_pip=True, clear=True)
        _run([str(interpreter), "-m", "pip", "install", "--quiet", *packages])

    return _made(folder, install, interpreter)


def node(name: str) -> Path:
    """The folder in which the packages of ``name`` are.

    :raises NotInstalledError: saying why they are not.
    """
    if not shutil.which("npm"):
        raise NotInstalledError("there is no npm on this machine")
    folder = _folder(name, NODE[name])

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n', encoding="utf-8")
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), *NODE[name]])

    return _made(folder, install, folder)


def _folder(name: str, packages: Sequence[str]) -> Path:
    return CACHE / f"{name}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:8]}"


def _made(folder: Path, install: object, found: Path) -> Path:
    mark = folder / "installed"
    if not mark.exists():
        assert callable(install)
        install()
        mark.touch()
    return found


def _run(command: Sequence[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from None
    if done.returncode:
        raise NotInstalledError((done.stderr or done.stdout).strip()[-500:])


if __name__ == "__main__":
    for environment in [*PYTHON, *NODE]:
        try:
            print(python(environment) if environment in PYTHON else node(environment))
        except NotInstalledError as error:
            sys.exit(f"{environment}: {error}")
