"""Which of all the service processes on one data folder does what one alone may do: the one that holds a lock."""

import fcntl
import os
from pathlib import Path


class Leading:
    """Whether this process is the one that does it; once it is, it stays so until it is closed."""

    def __init__(self, path: Path) -> None:
        """``path`` is the file of the lock; it is made when it is first asked for."""
        self._path = path
        self.descriptor: int | None = None
        """That of the lock while it is held; a child that inherits it holds the lock, too."""

    def is_ours(self) -> bool:
        """Whether it is; the lock is taken if it is free.

        :raises OSError: when the file can't be opened.
        """
        if self.descriptor is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self.descriptor = descriptor
        return True

    def close(self) -> None:
        """Leave it to another process."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
