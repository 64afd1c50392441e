"""What an install weighs, and how long the first answer takes: ``python -m benchmarks.install [--revision REVISION]``.

Each revision is cloned, and ``make serve`` is its first command, with an empty pip cache. The clock runs from the start
of the clone to the first answer over HTTP.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks import report

ROOT = Path(__file__).parent.parent
QUESTION = "Who is the NATO spokeswoman?"
HEAVY = ("torch", "transformers", "sentence_transformers", "onnx", "scipy")
LIMIT_S = 1800

_SIZES = """
import importlib.metadata as metadata, json, os
sizes = {}
for distribution in metadata.distributions():
    files = [distribution.locate_file(file) for file in distribution.files or []]
    sizes[distribution.metadata["Name"]] = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
print(json.dumps(sizes))
"""
_FOUND = "import sys; from importlib.util import find_spec; print(*[name for name in sys.argv[1:] if find_spec(name)])"


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revision", action="append", help="a commit; repeat it to compare (default: HEAD)")
    report.add_options(parser)
    arguments = parser.parse_args()
    revisions = [_run("git", "-C", ROOT, "rev-parse", "--short", name) for name in arguments.revision or ["HEAD"]]
    figures = {revision: measure(revision) for revision in revisions}
    names = list(next(iter(figures.values())))
    rows = [[name, *(figures[revision][name] for revision in revisions)] for name in names]
    text = report.table(["figure", *revisions], rows)
    print(text)
    if arguments.json:
        report.write_json(arguments.json, "install", figures)
    if arguments.write:
        report.write_section("benchmarks.install", text)


def measure(revision: str) -> dict[str, float | int | str]:
    """Clone, install, serve and ask one revision, a commit's name."""
    with tempfile.TemporaryDirectory(prefix="pullquote-install-") as folder:
        clone = Path(folder) / "clone"
        environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        environment["PIP_CACHE_DIR"] = f"{folder}/cache"
        port = _free_port()
        begun = time.monotonic()
        _run("git", "clone", "--quiet", ROOT, clone)
        _run("git", "-C", clone, "checkout", "--quiet", revision)
        with (Path(folder) / "log").open("w+") as log:
            command = ["make", "serve", f"PORT={port}"]
            process = subprocess.Popen(
                command, cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                answer = _first_answer(process, port)
                seconds = time.monotonic() - begun
            except RuntimeError as error:
                log.seek(0)
                raise SystemExit(f"{error}:\n{log.read()[-2000:]}") from None
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
        python = clone / ".venv" / "bin" / "python"
        sizes: dict[str, int] = json.loads(_run(python, "-c", _SIZES))
        largest = sorted(sizes, key=lambda name: -sizes[name])[:12]
        wheels = Path(folder) / "wheels"
        _run(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, clone)
        return {
            "first answer": answer,
            "from the clone to the first answer, s": round(seconds, 1),
            "environment, MB": _megabytes(clone / ".venv"),
            "distributions": len(sizes),
            "of torch and the like": _run(python, "-c", _FOUND, *HEAVY) or "nothing",
            "largest, MB": ", ".join(f"{name} {sizes[name] / 1e6:.0f}" for name in largest),
            "compiled models made at the start, MB": _megabytes(clone / "var" / "models"),
            "wheel of Pullquote, MB": round(sum(file.stat().st_size for file in wheels.iterdir()) / 1e6, 1),
        }


def _first_answer(process: subprocess.Popen[bytes], port: int) -> str:
    body = json.dumps({"question": QUESTION}).encode()
    ask = Request(f"http://127.0.0.1:{port}/v1/ask", body, {"content-type": "application/json"})
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("make serve ended")
        try:
            with urlopen(ask, timeout=60) as response:
                answer = json.load(response)["answers"][0]
                return f"{answer['text']} ({answer['confidence']:.4f})"
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"no answer within {LIMIT_S} s")


def _megabytes(folder: Path) -> float:
    return round(sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6, 1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _run(*command: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=tempfile.gettempdir()
    ).stdout.strip()


if __name__ == "__main__":
    main()
