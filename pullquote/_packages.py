"""``index`` and ``rag`` are plain names: a program's own module of such a name must not be taken for ours."""

from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).resolve().parent.parent

for _name in ("index", "rag"):
    _spec = find_spec(_name)
    _found = Path(_spec.origin).resolve() if _spec and _spec.origin else None
    if _found != _HERE / _name / "__init__.py":
        raise ImportError(
            f"{_found or f'a folder {_name}'} hides the package {_name!r} that pullquote brings: rename it, or start "
            "Python so that its folder is not on the path"
        )
