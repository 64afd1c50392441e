"""Office documents in Open XML (ISO/IEC 29500, transitional and strict): their parts and properties."""

import posixpath
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from index.parsing.types import LoadError
from index.parsing.zipped_xml import open_archive, parse_xml, read_member, refuse_entities


def local_name(element: etree._Element) -> str:
    """The name without its namespace, which strict documents write otherwise; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def value(element: etree._Element, name: str = "val") -> str:
    """An attribute by its local name; empty if there is none."""
    return next((text for key, text in element.attrib.items() if key.rpartition("}")[2] == name), "")


class Package:
    """An office document: ``document`` is the root of its main part."""

    def __init__(self, members: dict[str, bytes], what: str) -> None:
        self._members = members
        self._main = next(iter(self._targets("", "officeDocument")), "")
        if self._main not in members:
            raise LoadError(f"the file is no {what} or is damaged (it names no main part): save it anew")
        self.document = parse_xml(members[self._main])
        kind = local_name(self.document)
        if kind != "document":
            raise LoadError(f"the file is no {what} but one of another kind ({kind}): give it the ending of what it is")

    def related(self, kind: str) -> Iterator[etree._Element]:
        """The roots of the parts that the main part refers to as ``kind``: styles, footnotes, header."""
        for name in self._targets(self._main, kind):
            if name in self._members:
                yield parse_xml(self._members[name])

    def has(self, kind: str) -> bool:
        """Whether the main part refers to a part of a kind."""
        return next(self._targets(self._main, kind), None) is not None

    def properties(self) -> dict[str, str]:
        """The core properties by their local names: title, creator, created."""
        name = next(self._targets("", "core-properties"), "")
        root = parse_xml(self._members[name]) if name in self._members else ()
        return {local_name(node): text for node in root if (text := (node.text or "").strip())}

    def _targets(self, source: str, kind: str) -> Iterator[str]:
        """The members that a part refers to as ``kind``; the package itself is the part without a name."""
        folder, name = posixpath.split(source)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        for relation in parse_xml(self._members[relations]) if relations in self._members else ():
            relation_type = value(relation, "Type").rpartition("/")[2]
            if relation_type in {kind, f"{kind}".replace("core-properties", "coreProperties")}:
                yield posixpath.normpath(posixpath.join("/", folder, value(relation, "Target"))).lstrip("/")


def open_package(data: bytes, what: str) -> Package:
    """Open a document within the limits of :func:`open_archive`.

    :raises LoadError: if it is no office document, is damaged or encrypted, is a bomb, or declares XML entities.
    """
    with open_archive(data, what) as archive:
        return Package(dict(_members(archive)), what)


def _members(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            data = read_member(archive, name)
            refuse_entities(data)
            yield name.lstrip("/"), data
