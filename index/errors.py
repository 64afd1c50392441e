"""What every error of this library is."""

from typing import NamedTuple

UNREADABLE = "unreadable"
"""The code of a document, or a part of one, that can't be read, when no other says more."""


class PullquoteError(Exception):
    """A known error. Its message states the fact; what to do about it depends on who asked, and on ``code``.

    ``code`` is a stable name for programs. The command line and the HTTP service have a table each of what they advise.
    """

    code: str = "error"

    def __init__(self, message: str, code: str | None = None) -> None:
        """``code`` is that of the class when None."""
        super().__init__(message)
        if code is not None:
            self.code = code


class Failure(NamedTuple):
    """Why something is not indexed, in one line, and the code of that reason."""

    reason: str
    code: str = UNREADABLE
