"""Running one of these modules in a process of its own."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).parent.parent)

_PROGRAM = (
    "import runpy, sys; root, module = sys.argv[1:3]; del sys.argv[1:3]; root in sys.path or sys.path.insert(0, root); "
    "runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def child_command(module: str, *arguments: str) -> list[str]:
    """The command line that runs ``module`` of ``index``, ``rag`` or ``api`` as a program, with this very code.

    The working directory is not searched (``-P``), as ``python -m`` alone would: it is the user's, and may well hold an
    ``api.py`` or an ``index`` of theirs. The folder that this code was imported from is, so that a checkout which is
    not installed works, too.
    """
    return [sys.executable, "-P", "-c", _PROGRAM, _ROOT, module, *arguments]
