"""What a call costs. Asserts on clocks are for ``slow`` tests: a busy machine must not break a fast one."""

import time
from collections.abc import Callable


def seconds(call: Callable[[], object], runs: int = 2) -> float:
    """The processor time of the process for one call, in seconds: the least of some runs."""
    return min(_once(call) for _ in range(runs))


def _once(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began
