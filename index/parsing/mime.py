"""Messages and saved pages in MIME: no more of a header is read than people write.

Python's parser takes the square of a header's length.
"""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any, cast

_LONGEST_HEADER = 4000
"""Characters."""


class _Policy(EmailPolicy):
    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:_LONGEST_HEADER])

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return super().header_store_parse(name, value[:_LONGEST_HEADER] if isinstance(value, str) else value)


def parse_message(data: bytes) -> EmailMessage:
    """The message that ``data`` is, with its parts."""
    return cast(EmailMessage, message_from_bytes(data, policy=_Policy()))


def new_message() -> EmailMessage:
    """An empty message."""
    return EmailMessage(_Policy())
