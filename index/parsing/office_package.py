"""Office documents in Open XML (ISO/IEC 29500, transitional and strict): their parts and properties."""

import posixpath
from collections.abc import Iterable, Iterator
from zipfile import ZipFile

from lxml import etree

from index.parsing.dates import stamped_day
from index.parsing.metadata import Metadata, read_metadata
from index.parsing.titles import named_by_a_person
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
    """An office document: ``document`` is the root of its main part, ``is_damaged`` tells that its XML was mended."""

    def __init__(self, members: dict[str, bytes], what: str, wanted: str = "document") -> None:
        self._members = members
        self._main = next(iter(self._targets("", "officeDocument")), "")
        if self._main not in members:
            raise LoadError(f"the file is no {what} or is damaged (it names no main part): save it anew")
        self.document, self.is_damaged = _parse_damaged(members[self._main])
        kind = local_name(self.document)
        if kind != wanted:
            raise LoadError(f"the file is no {what} but one of another kind ({kind}): give it the ending of what it is")

    def related(self, kind: str) -> Iterator[etree._Element]:
        """The roots of the parts that the main part refers to as ``kind``: styles, footnotes, header."""
        for name in self._targets(self._main, kind):
            if name in self._members:
                yield parse_xml(self._members[name])

    def part(self, source: str, relation: str) -> tuple[str, etree._Element] | None:
        """The name and the root of the part that ``source`` refers to by the id of a relation."""
        for identifier, name in self._relations(source):
            if identifier == relation and name in self._members:
                return name, parse_xml(self._members[name])
        return None

    @property
    def main(self) -> str:
        """The name of the main part."""
        return self._main

    def related_to(self, source: str, kind: str) -> Iterator[etree._Element]:
        """As :meth:`related`, of any part."""
        for name in self._targets(source, kind):
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
        for relation in self._relation_elements(source):
            relation_type = value(relation, "Type").rpartition("/")[2]
            if relation_type in {kind, f"{kind}".replace("core-properties", "coreProperties")}:
                yield _target(source, relation)

    def _relations(self, source: str) -> Iterator[tuple[str, str]]:
        """The id of each relation of a part, and the member that it names."""
        for relation in self._relation_elements(source):
            yield value(relation, "Id"), _target(source, relation)

    def _relation_elements(self, source: str) -> Iterable[etree._Element]:
        folder, name = posixpath.split(source)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        return parse_xml(self._members[relations]) if relations in self._members else ()


def _parse_damaged(data: bytes) -> tuple[etree._Element, bool]:
    """The root of an XML document, and whether it is not well-formed and was read as far as it makes sense.

    :raises LoadError: if it declares entities or is no XML at all.
    """
    try:
        return parse_xml(data), False
    except LoadError:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        root = etree.fromstring(data, parser)
        if root is None or not len(root):
            raise
        return root, True


def _target(source: str, relation: etree._Element) -> str:
    folder = posixpath.dirname(source)
    return posixpath.normpath(posixpath.join("/", folder, value(relation, "Target"))).lstrip("/")


def office_metadata(package: Package) -> Metadata:
    """What the core properties tell."""
    properties = package.properties()
    days = (stamped_day(properties.get(name)) for name in ("created", "modified"))
    return read_metadata(
        {
            "title": named_by_a_person(properties.get("title")),
            "authors": properties.get("creator"),
            "published": next(filter(None, days), None),
            "language": properties.get("language"),
            "tags": (properties.get("keywords") or "").replace(";", ","),
        }
    )


def open_package(data: bytes, what: str, wanted: str = "document") -> Package:
    """Open a document within the limits of :func:`open_archive`; its main part is a ``wanted``.

    :raises LoadError: if it is no office document, is damaged or encrypted, is a bomb, or declares XML entities.
    """
    with open_archive(data, what) as archive:
        return Package(dict(_members(archive)), what, wanted)


def _members(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            data = read_member(archive, name)
            refuse_entities(data)
            yield name.lstrip("/"), data
