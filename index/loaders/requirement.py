"""Packages that only some formats need."""

from index.loaders.origin import LoadError


def missing_package(what: str, error: ImportError) -> LoadError:
    """The error for documents that need a package that is not installed."""
    reason = " ".join(str(error).split())
    return LoadError(f"{what} can't be read, a package is missing ({reason}): run pip install 'pullquote[formats]'")
