"""XML files: the articles of journals, editions and agencies; a sitemap gives links; feeds and XHTML pages are read as
such.

Sitemaps: https://www.sitemaps.org/protocol.html
"""

from collections.abc import Iterator

from lxml import etree

from index.formats import feed, html
from index.parsing.metadata import read_metadata
from index.parsing.types import Link, Loaded, LoadError, Origin
from index.parsing.xml_articles import read_xml_article, without_namespaces
from index.parsing.zipped_xml import parse_xml, refuse_entities

SUFFIXES = (".xml", ".nxml", ".jats", ".tei", ".nitf")
MEDIA_TYPES = ("application/xml", "text/xml", "application/jats+xml", "application/tei+xml", "application/nitf+xml")

_SITEMAPS = {"urlset", "sitemapindex"}
_ARTICLES = {"article", "tei", "nitf"}
_FEEDS = {"rss", "feed", "rdf", "channel"}
_METADATA_NAMES = {"title": "title", "publication_date": "published", "language": "language", "name": "source"}
"""What a news sitemap tells of a page, as names of metadata: https://www.google.com/schemas/sitemap-news/0.9"""


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read a document by its root element; the links of a sitemap come newest first, as far as it dates them.

    :raises LoadError: if it declares entities, is not well-formed, or is neither article, sitemap, feed nor page.
    """
    refuse_entities(data)
    name = _root_name(data)
    if name in _SITEMAPS:
        yield from _links(parse_xml(data))
    elif name in _FEEDS:
        yield from feed.load(data, origin)
    elif name == "html":
        yield from html.load(data, origin)
    elif name in _ARTICLES:
        yield read_xml_article(without_namespaces(parse_xml(data)), origin, MEDIA_TYPES[0])
    else:
        raise LoadError(
            f"XML of this kind ({name or 'no element'}) is not supported: it is no article, feed or sitemap"
        )


def _root_name(data: bytes) -> str:
    """The local name of the root element, in lower case; of ill-formed documents too, which feeds often are."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    return etree.QName(root).localname.lower() if root is not None and isinstance(root.tag, str) else ""


def _links(root: etree._Element) -> Iterator[Link]:
    found = []
    for entry in root:
        fields = {etree.QName(item).localname: item.text for item in entry.iter(etree.Element) if item.text}
        if address := (fields.get("loc") or "").strip():
            metadata = read_metadata({name: fields.get(tag) for tag, name in _METADATA_NAMES.items()})
            found.append((fields.get("lastmod", ""), Link(address, metadata)))
    if not found:
        raise LoadError("the sitemap lists no pages")
    for _, link in sorted(found, key=lambda item: item[0], reverse=True):
        yield link
