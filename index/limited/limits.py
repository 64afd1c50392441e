"""How much one piece of work may take, and what it is called when it takes more."""

from dataclasses import dataclass

from index.errors import Failure, PullquoteError

TOO_LONG, TOO_LARGE, DIED = "source_takes_too_long", "source_takes_too_much_memory", "reader_died"
_MEGABYTE = 1 << 20


class LimitError(PullquoteError, RuntimeError):
    """A piece of work took more than it may, or its process died; the code tells which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the work on one source may take: ``seconds`` of processor time, and ``memory`` in bytes beyond what its
    process takes without it. ``processes`` work side by side; None: as many as there are processors.
    """

    seconds: float = 120.0
    memory: int = 1024 * _MEGABYTE
    processes: int | None = None

    @property
    def patience(self) -> float:
        """Seconds on the clock after which work is ended although it takes no processor time."""
        return 10 * self.seconds + 60

    def error(self, code: str) -> LimitError:
        """The error of :data:`TOO_LONG`, :data:`TOO_LARGE` or :data:`DIED`."""
        if code == TOO_LONG:
            reason = f"reading it takes more than {self.seconds:g} s of processor time: split it"
            return LimitError(reason, "source_takes_too_long")
        if code == TOO_LARGE:
            reason = f"reading it takes more than {self.memory // _MEGABYTE} MB of memory: split it"
            return LimitError(reason, "source_takes_too_much_memory")
        return LimitError("it makes its reader fail: check the file, or convert it to another format", "reader_died")

    def refuse_again(self, failure: Failure) -> bool:
        """Whether what failed would fail again, as far as is known: what a limit refused passes under another one."""
        return failure.code not in (TOO_LONG, TOO_LARGE) or failure.reason.startswith(str(self.error(failure.code)))
