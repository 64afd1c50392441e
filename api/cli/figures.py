"""Figures in words."""


def count(number: int, one: str, many: str = "") -> str:
    """``1 article``, ``2 articles``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes in the unit that gives one to three digits before the point."""
    for unit, bytes_of_it in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= bytes_of_it:
            return f"{number / bytes_of_it:.1f} {unit}"
    return count(number, "byte")
