"""Documents that are ZIP archives of XML: opened within limits, and never with entities of their own."""

import io
import re
import zlib
from zipfile import BadZipFile, LargeZipFile, ZipFile

from lxml import etree

from index.parsing.types import LoadError

_LARGEST_UNPACKED = 200_000_000
"""Bytes of all members of an archive together."""
_MOST_MEMBERS = 20_000
_ENCRYPTED = 0x1
_DAMAGE = (BadZipFile, LargeZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENTITY = re.compile(rb"<\x00?!\x00?E\x00?N\x00?T\x00?I\x00?T\x00?Y")
"""In UTF-8 and in UTF-16."""


def open_archive(data: bytes, what: str) -> ZipFile:
    """Open an archive whose members, as its directory tells, are together small enough to be unpacked.

    ``zipfile`` unpacks no more of a member than its directory tells.

    :raises LoadError: if it is no archive, is cut off or encrypted, or is a bomb.
    """
    if data.startswith(_OLD_OFFICE):
        raise LoadError(f"the file is an encrypted or old office document, no {what}: save it anew without a password")
    try:
        archive = ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        reason = "is cut off or damaged" if data.startswith(b"PK\x03\x04") else f"is no {what}"
        raise LoadError(f"the file {reason} ({error}): get it again, or give it the ending of what it is") from None
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > _LARGEST_UNPACKED or len(members) > _MOST_MEMBERS:
        raise LoadError(
            f"the {what} unpacks to {unpacked // 1_000_000} MB (parts: {len(members)}), which is too much: "
            "take out pictures or split it"
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise LoadError(f"the {what} is encrypted: save it without a password")
    return archive


def read_member(archive: ZipFile, name: str) -> bytes:
    """The bytes of a member.

    :raises LoadError: if there is none of that name, it is damaged, or it is larger than it says.
    """
    try:
        return archive.read(name)
    except KeyError:
        raise LoadError(f"the file has no {name} in it: save it anew") from None
    except _DAMAGE as error:
        raise LoadError(f"{name} in the file is damaged ({error}): save it anew") from None


def refuse_entities(data: bytes) -> None:
    """Refuse XML that declares entities: they multiply text without end or bring in other files.

    :raises LoadError: if it does.
    """
    if _ENTITY.search(data):
        raise LoadError("the document declares XML entities, which can hide files or grow without end: take them out")


def parse_xml(data: bytes) -> etree._Element:
    """The root of an XML document; nothing that it names is opened and no entity is replaced.

    :raises LoadError: if it declares entities or is not well-formed.
    """
    refuse_entities(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise LoadError(f"the document is not well-formed XML ({reason}): get it again or mend it") from None
