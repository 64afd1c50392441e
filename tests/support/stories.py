"""Three stories, made up for the tests, and the three of them in every format that is read."""

import io
import json
from collections.abc import Callable, Sequence
from csv import writer
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from xml.sax.saxutils import escape

from tests.support.documents import Text, docx, epub, pdf


@dataclass(frozen=True)
class Story:
    """A title, sections of a heading and paragraphs, and a question that the second section answers."""

    slug: str
    title: str
    author: str
    publisher: str
    published: date
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    question: str
    answer: str

    @property
    def heading(self) -> str:
        """The heading over the answer."""
        return self.sections[1][0]


STORIES = (
    Story(
        "lighthouse",
        "The lighthouse of Skarra Point",
        "Ingrid Solheim",
        "The Northern Mail",
        date(2023, 5, 14),
        (
            (
                "A tower on the rock",
                (
                    "The lighthouse of Skarra Point was finished in the autumn of 1811, after four years of work and "
                    "two winters in which the sea took the scaffolding away.",
                    "Its granite came by boat from the quarries of Ostervik, because no road led to the point.",
                ),
            ),
            (
                "The keepers",
                (
                    "The first keeper of the lighthouse was Anders Brunvoll, a retired harbour pilot. He stayed for "
                    "thirty years and wrote down the weather every single day.",
                    "His diaries are kept in the town museum, where visitors may leaf through copies of them.",
                ),
            ),
            (
                "The lamp today",
                (
                    "The lamp has been electric since 1954 and needs no keeper any more. Sailors still call it by its "
                    "old name, the Lantern of the Lost.",
                ),
            ),
        ),
        "Who was the first keeper of the lighthouse?",
        "Anders Brunvoll",
    ),
    Story(
        "orchard",
        "An orchard for the whole village",
        "Marta Quintero",
        "Valley Gazette",
        date(2022, 9, 30),
        (
            (
                "Trees from everywhere",
                (
                    "The village of Pellworth planted its common orchard on a field that nobody wanted, between the "
                    "old railway line and the brewery.",
                    "Everyone who moved to the village brought a tree along, so that no two rows are alike.",
                ),
            ),
            (
                "The great harvest",
                (
                    "Last September the villagers picked eleven tonnes of apples in the orchard, more than ever.",
                    "Most of the fruit was pressed into juice, and the rest went to the schools of the valley.",
                ),
            ),
            (
                "Bees and sheep",
                ("A flock of sheep keeps the grass short, and two families look after the hives at the lower gate.",),
            ),
        ),
        "How many tonnes of apples did the villagers pick?",
        "eleven",
    ),
    Story(
        "tramway",
        "The tram that climbs a mountain",
        "Tomas Reinholt",
        "Rail and Road",
        date(2024, 2, 8),
        (
            (
                "Steeper than any other",
                (
                    "No tram in the country climbs as steeply as the one of Harrowgate, which gains four hundred "
                    "metres on its way to the upper town.",
                    "Passengers sit with their backs to the slope, so that they look out over the lake.",
                ),
            ),
            (
                "How it is built",
                (
                    "The tramway was designed by the engineer Clara Vinnet, who had built mills before. She chose a "
                    "rack between the rails, because a cable would freeze in winter.",
                    "The cars are painted green, the colour of the town, and carry sixty people each.",
                ),
            ),
            (
                "Tickets",
                ("A ticket costs three crowns. Children and dogs travel free of charge on all days of the week.",),
            ),
        ),
        "Who designed the tramway?",
        "Clara Vinnet",
    ),
)


def html_page(story: Story, url: str = "") -> str:
    """A page with what surrounds articles on the web."""
    described = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "@id": "#us", "name": story.publisher},
            {
                "@type": "NewsArticle",
                "headline": story.title,
                "author": [{"@type": "Person", "name": story.author}],
                "publisher": {"@id": "#us"},
                "datePublished": story.published.isoformat(),
            },
        ],
    }
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(story.title)}</title>'
        f'{f"""<link rel="canonical" href="{url}">""" if url else ""}'
        f'<script type="application/ld+json">{json.dumps(described)}</script><script>alert("no text")</script></head>'
        '<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>'
        f"<article><h1>{escape(story.title)}</h1>{html_body(story)}</article>"
        "<footer><p>All rights reserved.</p></footer></body></html>"
    )


def html_body(story: Story) -> str:
    return "".join(
        f"<h2>{escape(heading)}</h2>" + "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        for heading, paragraphs in story.sections
    )


def _pdf(story: Story) -> bytes:
    """A page a section."""
    pages = [[Text(heading, 14, bold=True), *map(Text, paragraphs)] for heading, paragraphs in story.sections]
    pages[0].insert(0, Text(story.title, 20, bold=True))
    created = f"D:{story.published:%Y%m%d}120000Z"
    return pdf(pages, {"Title": story.title, "Author": story.author, "CreationDate": created}, footer=story.publisher)


def _docx(story: Story) -> bytes:
    body = [("Title", story.title)]
    for heading, paragraphs in story.sections:
        body += [("Heading1", heading), *(("Normal", paragraph) for paragraph in paragraphs)]
    return docx(body, title=story.title, author=story.author, created=story.published)


def _epub(story: Story) -> bytes:
    chapters = [
        f"<h1>{escape(heading)}</h1>" + "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        for heading, paragraphs in story.sections
    ]
    return epub(chapters, story.title, story.author, story.publisher, story.published)


def markdown(story: Story) -> str:
    told = {"title": story.title, "author": story.author, "publisher": story.publisher, "date": story.published}
    head = "---\n" + "".join(f"{name}: {value}\n" for name, value in told.items()) + "---\n"
    return head + "".join(
        f"\n## {heading}\n\n" + "\n\n".join(paragraphs) + "\n" for heading, paragraphs in story.sections
    )


def plain(story: Story) -> str:
    head = f"{story.title}\n\nBy {story.author}\n{story.published:%d %B %Y}\n"
    return head + _body(story)


def _body(story: Story) -> str:
    return "".join(f"\n{heading}\n\n" + "\n\n".join(paragraphs) + "\n" for heading, paragraphs in story.sections)


def _record(story: Story) -> dict[str, str]:
    return {
        "title": story.title,
        "text": _body(story),
        "author": story.author,
        "publisher": story.publisher,
        "published": story.published.isoformat(),
    }


def _json_lines(stories: Sequence[Story]) -> bytes:
    return "".join(json.dumps(_record(story)) + "\n" for story in stories).encode()


def _csv(stories: Sequence[Story]) -> bytes:
    table = io.StringIO()
    rows = writer(table)
    rows.writerow(_record(stories[0]))
    rows.writerows(_record(story).values() for story in stories)
    return table.getvalue().encode()


def _rss(stories: Sequence[Story]) -> bytes:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>https://news.example/{story.slug}</link>"
        f"<dc:creator>{escape(story.author)}</dc:creator><pubDate>{story.published:%a, %d %b %Y} 08:00:00 GMT</pubDate>"
        f"<description>In short.</description><content:encoded><![CDATA[{html_body(story)}]]></content:encoded></item>"
        for story in stories
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{stories[0].publisher}</title><language>en</language>{items}</channel></rss>"
    ).encode()


def _atom(stories: Sequence[Story]) -> bytes:
    entries = "".join(
        f'<entry><title>{escape(story.title)}</title><link href="https://news.example/{story.slug}"/>'
        f"<id>urn:x:{story.slug}</id><author><name>{escape(story.author)}</name></author>"
        f"<published>{story.published}T08:00:00Z</published><updated>{story.published}T08:00:00Z</updated>"
        f'<content type="html">{escape(html_body(story))}</content></entry>'
        for story in stories
    )
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{stories[0].publisher}</title>'
        f"<id>urn:x</id><updated>2024-02-08T08:00:00Z</updated>{entries}</feed>"
    ).encode()


def _mhtml(story: Story) -> bytes:
    message = EmailMessage()
    message["Snapshot-Content-Location"] = f"https://news.example/{story.slug}"
    message.set_content(html_page(story), subtype="html", charset="utf-8", cte="quoted-printable")
    message.add_related(b"GIF89a", "image", "gif")
    return message.as_bytes()


def _each(make: Callable[[Story], bytes | str], suffix: str) -> dict[str, bytes]:
    found = {}
    for story in STORIES:
        made = make(story)
        found[f"{story.slug}{suffix}"] = made.encode() if isinstance(made, str) else made
    return found


def files() -> dict[str, dict[str, bytes]]:
    """For each format the files that hold the three stories, by their names."""
    return {
        "pdf": _each(_pdf, ".pdf"),
        "docx": _each(_docx, ".docx"),
        "epub": _each(_epub, ".epub"),
        "html": _each(html_page, ".html"),
        "mhtml": _each(_mhtml, ".mhtml"),
        "markdown": _each(markdown, ".md"),
        "text": _each(plain, ".txt"),
        "json lines": {f"{story.slug}.jsonl": _json_lines([story]) for story in STORIES},
        "csv": {f"{story.slug}.csv": _csv([story]) for story in STORIES},
        "rss": {f"{story.slug}.rss": _rss([story]) for story in STORIES},
        "atom": {f"{story.slug}.atom": _atom([story]) for story in STORIES},
        "xml": {f"{story.slug}.xml": _rss([story]) for story in STORIES},
        "many in one file": {"all.jsonl": _json_lines(STORIES)},
    }
