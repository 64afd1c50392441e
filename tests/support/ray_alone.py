"""A trial with a Ray cluster of its own.

Ray listens on the machine's own interface unless there is none, so it runs in a network namespace that has loopback
alone; its processes end with the namespace of processes.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

SHARD_SECONDS = 6.0
"""What a shard may take to answer: other tests run beside a trial, and what is only slow must not count as lost."""

_LONGEST = 1800
_ALONE = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "40",
    "OMP_NUM_THREADS": "1",
    "RAY_worker_niceness": "0",
}
_SLOW_TO_IMPORT = "rfc3987_syntax"
"""What jsonschema imports where it is installed: with its grammar, each of Ray's processes starts a second later."""


def seen_alone(trial: str, folder: Path) -> dict[str, Any]:
    """Run a trial; what it wrote to ``seen.json`` in the folder. The test is skipped where there can be none."""
    if not find_spec("ray"):
        pytest.skip("needs the extra: pip install 'pullquote[ray]'")
    alone = _ALONE if os.getuid() == 0 else [*_ALONE, "--map-root-user"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made here: {getattr(error, 'stderr', None) or error}")
    (folder / f"{_SLOW_TO_IMPORT}.py").write_text("raise ImportError")
    environment = {**os.environ, **_RAY, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ['PYTHONPATH']}"}
    command = [*alone, sys.executable, "-m", trial, str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    log = "\n".join(path.read_text()[-10_000:] for path in folder.glob("serve-*.log"))
    assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-5000:]}\n{log}"
    found: dict[str, Any] = json.loads((folder / "seen.json").read_text())
    return found
