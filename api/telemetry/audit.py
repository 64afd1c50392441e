"""Who changed what: a line of JSON for every change, appended to ``audit.jsonl`` in the data folder.

A line is written before what it tells is committed: a change that can't be recorded is not made. A line can therefore
stand for a change that failed right after; none is missing. The file is opened for each line, so that it may be moved
away at any time.
"""

import json
import logging
import os
import time
from pathlib import Path
from typing import Any

FILE = "audit.jsonl"

_log = logging.getLogger("pullquote.audit")


def record(data_dir: Path, action: str, by: str, **details: Any) -> None:
    """Write down that ``by`` does ``action``, such as ``article.put``, on what ``details`` name.

    Never pass secrets or texts: name a key by its id and an article by its id.

    :param by: who does it: the id of a key, ``write token``, ``this machine`` or ``command line``.
    :raises OSError: when it can't be written; then the change must not be made.
    """
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    fields = {
        "time": now,
        "action": action,
        "by": by,
        **{name: each for name, each in details.items() if each is not None},
    }
    line = json.dumps(fields, ensure_ascii=True) + "\n"
    descriptor = os.open(data_dir / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _log.info("%s by %s", action, by, extra={"change": fields})
