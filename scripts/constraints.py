"""Write ``constraints.txt`` anew: ``python scripts/constraints.py``, or ``make constraints``.

pip resolves every extra as if nothing were installed, and each distribution it would take is pinned. torch stays at the
version that the file tells, because the shipped models were compiled with it: change that line by hand. Run it with the
oldest Python that is supported, so that the versions suit the newer ones too.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "constraints.txt"
HEAD = """\
# One version of every distribution that any extra brings, written by make constraints. Distributions that only other
# systems than Linux or other versions of Python need are not told.
"""


def resolved(held: str) -> dict[str, str]:
    """Names and versions of the distributions that pip would install for all extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = ",".join(project["optional-dependencies"])
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    done = subprocess.run(
        [*command, "--constraint", "/dev/stdin", f"{ROOT}[{extras}]"],
        input=held,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = [distribution["metadata"] for distribution in json.loads(done.stdout)["install"]]
    return {one["name"]: one["version"].partition("+")[0] for one in found if one["name"] != project["name"]}


if __name__ == "__main__":
    torch = re.findall(r"^torch==.*$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    pins = sorted((f"{name}=={version}" for name, version in resolved("\n".join(torch)).items()), key=str.lower)
    FILE.write_text(HEAD + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"{len(pins)} distributions in {FILE.name}")
