"""Floor 1: articles become passages, passages become vectors, and all of it one searchable snapshot on disk."""

try:
    import fcntl  # noqa: F401
except ImportError:
    raise ImportError("Pullquote runs on Linux and macOS, not on Windows itself: use WSL there") from None
