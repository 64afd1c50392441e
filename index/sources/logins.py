"""Logins for servers, from a file in the form of netrc: ``machine HOST login NAME password WORD``."""

import netrc
from pathlib import Path

from index.sources.fetch import FetchError


def login_of(host: str, file: Path | None) -> tuple[str, str] | None:
    """The name and the password for a host; None where the file has none, or none is named.

    :raises FetchError: if the file can't be read; the reason holds nothing of it.
    """
    if file is None:
        return None
    try:
        found = netrc.netrc(str(file)).authenticators(host)
    except netrc.NetrcParseError as error:
        reason = f"the file of logins has a mistake in line {error.lineno}: write machine HOST login NAME password WORD"
        raise FetchError(reason, "login_unusable") from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise FetchError(f"the file of logins can't be read ({why})", "login_unusable") from None
    return (found[0], found[2] or "") if found else None
