"""Messages that Outlook saved (``.msg``): made into the same that e-mail is, and read as such."""

import io
import mimetypes
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from index.formats import mail
from index.parsing.mime import new_message
from index.parsing.parts import one_line
from index.parsing.types import Loaded, LoadError, Origin, missing_package

SUFFIXES = (".msg",)
MEDIA_TYPES = ("application/vnd.ms-outlook", "application/x-msg")

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
_MESSAGE_WITHIN = "__substg1.0_3701000D"
"""The storage of an attachment that is a message: MS-OXMSG, section 2.2.2.1."""
_PROPERTIES = "__properties_version1.0"
_SHORT_HEADER = 24
"""Bytes before the properties of a message within another; before those of one in a file there are eight more."""
_RTF = 0x1009
_DEEPEST = 3
"""Messages in messages that are read."""
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What reading bytes that make no sense raises."""


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read an article for the message, and those of what is attached to it; the subject is the title.

    :raises LoadError: if it is no message, or damaged.
    """
    if not data.startswith(_COMPOUND_FILE):
        raise LoadError("the file is no message of Outlook: give it the ending of what it is")
    try:
        from olefile import OleFileIO  # here because only these need it, and it may not be installed
        from oxmsg.storage import Storage
    except ImportError as error:
        raise missing_package("messages of Outlook", error) from error
    try:
        with OleFileIO(io.BytesIO(data)) as opened:
            message = _converted(Storage.from_ole(opened), 0)
    except _FAILURES as error:
        reason = one_line(str(error)) or type(error).__name__
        raise LoadError(f"the message is damaged ({reason}): save it anew") from None
    yield from mail.read_message(message, origin)


def _converted(storage: Any, depth: int) -> EmailMessage:
    from oxmsg import Message

    found = Message(storage)
    message = new_message()
    message["Subject"] = one_line(found.subject)
    if sender := one_line(found.sender):
        message["From"] = sender
    headers = {name.lower(): text for name, text in found.message_headers.items()}
    if sent := one_line(headers.get("date")) or (found.sent_date and format_datetime(found.sent_date)):
        message["Date"] = sent
    if found.body and found.body.strip():
        message.set_content(found.body)
    elif found.html_body:
        message.set_content(found.html_body, subtype="html")
    elif found.properties.binary_prop_value(_RTF):
        raise LoadError("the text of the message is rich text only: save it from Outlook as HTML or plain text")
    for attached in storage.iter_attachment_storages():
        _attach(message, attached, depth)
    return message


def _attach(message: EmailMessage, storage: Any, depth: int) -> None:
    from oxmsg.attachment import Attachment

    within = next((inner for inner in storage.storages if inner.name == _MESSAGE_WITHIN), None)
    if within is not None:
        if depth < _DEEPEST:
            inner = _converted(_as_in_a_file(within), depth + 1)
            message.add_attachment(inner, filename=f"{inner['Subject'] or 'message'}.msg")
        return
    attachment = Attachment(storage)
    if attachment.file_bytes is not None:
        name = one_line(attachment.file_name)
        media_type = (attachment.mime_type or "").partition(";")[0].strip().lower()
        kind, _, subtype = (
            media_type if media_type.count("/") == 1 else mimetypes.guess_type(name)[0] or ""
        ).partition("/")
        subtype = subtype or "octet-stream"
        message.add_attachment(
            attachment.file_bytes,
            kind if kind not in {"", "message", "multipart"} else "application",
            subtype,
            filename=name,
        )


def _as_in_a_file(storage: Any) -> Any:
    """A message within another, with the longer header that oxmsg expects before its properties."""
    from oxmsg.storage import Storage, Stream

    streams = tuple(
        Stream(stream.path, stream.bytes_[:_SHORT_HEADER] + bytes(8) + stream.bytes_[_SHORT_HEADER:])
        if stream.name == _PROPERTIES
        else stream
        for stream in storage.streams
    )
    return Storage(storage.path, streams, storage.storages)
