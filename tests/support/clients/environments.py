"""Other people's clients, each in an environment of its own that is installed when it is first needed.

``python -m tests.support.clients.environments`` installs all but Open WebUI. They lie in
``$XDG_CACHE_HOME/pullquote-clients``. Examples name what they need themselves.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

from tests.support.paths import ROOT

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pullquote-clients"

EXAMPLES = ROOT / "examples"


def _of_script(example: str) -> tuple[str, ...]:
    """What the head of the one script of an example names, as PEP 723 has it."""
    (script,) = (EXAMPLES / example).glob("*.py")
    head = re.search(r"^# /// script\n(.*?)^# ///$", script.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert head is not None, f"{script} does not name what it needs"
    return tuple(tomllib.loads(re.sub(r"^# ", "", head[1], flags=re.MULTILINE))["dependencies"])


def _of_package(example: str) -> tuple[str, ...]:
    package = json.loads((EXAMPLES / example / "package.json").read_text(encoding="utf-8"))
    return tuple(f"{name}@{version}" for name, version in package["dependencies"].items())


PYTHON = {name: _of_script(name) for name in ("langchain", "llamaindex", "chainlit", "gradio")}
OPEN_WEBUI = _of_script("open-webui")
"""2.5 GB, by itself."""
NODE = {
    "openai": _of_package("openai-npm"),
    "use-chat": _of_package("use-chat"),
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
