"""What a process leaves that is killed while it writes."""

import signal
import subprocess
import sys
from pathlib import Path

_WRITE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute(sys.argv[2])
connection.execute("CREATE TABLE filler AS SELECT randomblob(500000)")
os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_half_written(database: Path, statement: str) -> None:
    """Let a process be killed in the transaction of ``statement``, when a part of it is in the file of SQLite's."""
    done = subprocess.run([sys.executable, "-c", _WRITE, database, statement], check=False)
    assert done.returncode == -signal.SIGKILL
    assert database.with_name(f"{database.name}-journal").stat().st_size > 0
