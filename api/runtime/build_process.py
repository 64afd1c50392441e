"""The process of one build, seen from the service that started it."""

import json
import logging
import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from typing import Any

from index.child_module import child_command
from index.collection.jobs import Job

_MODULE = "api.runtime.build_job"
_END_SECONDS = 10
_LONGEST_REASON = 500
_READ_AT_A_TIME = 1 << 16

_log = logging.getLogger("pullquote.builds")


class BuildProcess:
    """Does a job in a process of its own, that can be killed and leaves no memory behind.

    What it writes to standard error goes into a file, which outlives whoever reads it: a build goes on when the service
    that started it dies. The service copies it into its log.
    """

    def __init__(self, job: Job, settings: dict[str, Any], lock: int) -> None:
        """:param lock: a file descriptor that the process inherits.

        :raises OSError: when no process can be started.
        """
        self.job = job
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process has ended)
        self._read = 0
        self._unfinished = b""
        self._last_line = ""
        self._ended: str | None = None
        try:
            self._process = subprocess.Popen(
                child_command(_MODULE), stdin=subprocess.PIPE, stderr=self._errors, pass_fds=[lock]
            )
        except BaseException:
            self._errors.close()
            raise
        assert self._process.stdin
        with suppress(BrokenPipeError), self._process.stdin as pipe:  # one that is dead already tells why by its status
            pipe.write(json.dumps({"job": job.id, "settings": settings}).encode())

    def end(self) -> str | None:
        """What ended the process, in words; None while it runs. What it wrote until now is logged."""
        if self._ended is not None:
            return self._ended
        status = self._process.poll()
        self._copy_to_log()
        if status is None:
            return None
        self._tell(self._unfinished)
        self._errors.close()
        cause = f"exit status {status}" if status >= 0 else f"signal {-status}, {signal.strsignal(-status)}"
        self._ended = f"{cause}: {self._last_line}"[:_LONGEST_REASON] if self._last_line else cause
        return self._ended

    def stop(self, reason: str = "it was ended") -> None:
        """End the process, by force when it does not end by itself. Once is enough.

        :param reason: what :meth:`end` says from now on.
        """
        if self._errors.closed:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._ended = reason
        self._errors.close()

    def _copy_to_log(self) -> None:
        """Log the whole lines that were written since the last time. The file's own position is the process's."""
        while new := os.pread(self._errors.fileno(), _READ_AT_A_TIME, self._read):
            self._read += len(new)
            *lines, self._unfinished = (self._unfinished + new).split(b"\n")
            for line in lines:
                self._tell(line)

    def _tell(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self._last_line = text.strip()
            _log.info("build %s: %s", self.job.id, text)
