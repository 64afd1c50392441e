"""A user's folder with modules whose names are those of the service's packages."""

from pathlib import Path


def own_modules(folder: Path, kind: str) -> Path:
    """Write ``api``, ``index`` and ``rag`` as a "module" or a "package" each; gives the file that is there once any of
    them was executed.
    """
    trace = folder / "own-code-ran"
    code = f"open({str(trace)!r}, 'w').close()\n"
    for name in ("api", "index", "rag"):
        path = folder / (f"{name}.py" if kind == "module" else f"{name}/__init__.py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
    return trace
