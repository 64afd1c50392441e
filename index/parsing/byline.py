"""The head of a news article in plain text: title, byline, date line, picture credit.

Conservative by intent: a line that is not surely a part of the head is body text, because text outside of every block
is never searched.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from index.article import canonical
from index.parsing.dates import label_of, parse_date
from index.parsing.text_layout import Line, Stanza

_AGENCIES = (
    "AFP|Agence France-Presse|AP|Associated Press|The Associated Press|Reuters|Bloomberg|Bloomberg News|BBC|BBC News|"
    "CNN|UPI|dpa|EFE|ANSA|TASS|Interfax|Xinhua|Kyodo News|Yonhap|PTI|The Guardian|The New York Times|"
    "The Washington Post|The Wall Street Journal|Financial Times|The Moscow Times|Al Jazeera|NPR|PBS|ABC News|CBS News|"
    "NBC News|Politico|Axios|USA Today|Los Angeles Times|Deutsche Welle|DW|RFE/RL|VOA|Voice of America"
)
_AGENCY = re.compile(rf"(?:{_AGENCIES})", re.IGNORECASE)
_PARTICLE = "(?:de|da|di|del|della|der|den|van|von|bin|ibn|al|el|la|le|du|dos|ter|y)"
_NAME = re.compile(rf"[^\W\d_a-z][\w.'’\-/]*(?:\s+(?:{_PARTICLE}|[^\W\d_a-z][\w.'’\-/]*)){{0,5}}")
_BYLINE = re.compile(
    r"(?:(?:(?:written|reported|reporting|story|text|words)\s+)?by:?|(?:words|text|story|reporting):)\s+(.+)",
    re.IGNORECASE,
)
_DATED = re.compile(r"(.+?)[\s,|–—-]+(\d{1,2}\.?\s+[^\W\d]+\s+\d{4}|[^\W\d]+\.?\s+\d{1,2},?\s+\d{4}|\d{4}-\d\d-\d\d)")
_ROLE = re.compile(
    r"\b(?:correspondent|reporter|editor|writer|staff|contributor|columnist|news agency|in [A-Z]\w+|for [A-Z].*)\b.*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^(?:file )?(?:photo(?:graph|s)?|image|picture|illustration|credit|caption|video)s?"
    r"(?:\s+(?:credit|courtesy|illustration|by))*\s*(?:[:|/]|\bby\b)|"
    r"\((?:CC BY|CC0|AP Photo|Photo|Image|Picture|Getty|Reuters/|AFP/)|\bCC BY(?:-[A-Z]+)* ?\d|"
    r"Getty Images|AP Photo|via AP$|via Reuters$|Wikimedia Commons|"
    r"(?:\S\s?/\s?)(?:AFP|AP|Reuters|TASS|EPA|Shutterstock)$|"
    r"^(?:©|\(c\)\s)|[.!?]\s+(?:(?:file )?(?:photo|image|picture|foto|crédit photo|photo credit)s?)(?:\s*:|\s+by\b)",
    re.IGNORECASE,
)
_CAPTION_AND_NAME = re.compile(rf"[a-z]{{2}}[.!?]\s+(?:{_NAME.pattern})\s*(?:\([^()]+\)|/\s*\w[\w ]*)$")
_CREDIT_ALONE = re.compile(r"^(?:photo|image|picture)s?(?:\s+(?:credit|courtesy|by))*\s*(?::|\bby\b)", re.IGNORECASE)
_LABEL = re.compile(
    r"(title|headline|authors?|byline|date|published|source|publisher|url|link|language|tags|keywords)\s*:\s*(\S.*)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\d{1,2}[\s-]min(?:ute)?s?\.?\s+read|(?:last )?(?:updated|published|posted):?\s+(?:at\s+)?\d{1,2}[:.]\d{2}.{0,20}",
    re.IGNORECASE,
)
_DESK = re.compile(rf"({_AGENCIES})(?:\s+(?:staff\s+)?(?:writer|correspondent|reporter))?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<!\s)\s++[|·•]\s+")
_INNER_SENTENCE_END = re.compile(r"[a-z]{3}[.]\s+[A-Z\"“]")
_ENDS_AS_ABBREVIATION = re.compile(r"(?:[A-Z]\.){2,}$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|No)\.$")

_LONGEST_TITLE = 220
_MOST_TITLE_LINES = 4
_MOST_METADATA = 50
_LONGEST_DECK = 300
_MOST_DECK_LINES = 4
_LONGEST_BYLINE = 120
_LONGEST_LABEL = 300
_LONGEST_CREDIT = 240


@dataclass(slots=True)
class Header:
    """What the head of an article says; ``body`` is the stanzas after it.

    ``says_published`` tells that a line says of the day that the article was published then.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    source: str | None = None
    says_published: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    body: list[Stanza] = field(default_factory=list)


def read_header(stanzas: Sequence[Stanza]) -> Header:
    """Read the head of an article. A document that is all head is all body."""
    header = Header()
    rest = _skip_metadata(header, [list(stanza) for stanza in stanzas], titled=False)
    title = _title_lines(rest)
    if title:
        after = _skip_metadata(header, [rest[0][len(title) :], *rest[1:]], titled=True)
        signed = header.authors or header.published
        if after and (signed or not after[0][0].text[0].islower()):
            header.title = _joined(title)
            rest = _skip_metadata_under_deck(header, after)
    if not rest:
        return Header(body=list(stanzas))
    header.title = _clean(header.labels.get("title") or header.labels.get("headline")) or header.title
    header.body = list(rest)
    return header


def read_line(header: Header, text: str) -> bool:
    """Take a line of the head that needs no context (byline, date line, reading time): ``False`` for any other line."""
    parts = _BETWEEN.split(text)
    if len(parts) > 1 and all(read_line(header, part) for part in parts):
        return True
    if day := parse_date(text):
        label = label_of(text)
        if label == "published" and not header.says_published:
            header.published, header.says_published = day, True
        header.published = header.published or day
        return True
    return _take_byline(header, text) or _CLOCK.fullmatch(text) is not None


_INVERTED = re.compile(r"[^\W\d_][\w'’-]+, [^\W\d_][\w'’-]+")
"""``Okafor, Ngozi``: one author, the family name first."""


def names(byline: str) -> tuple[tuple[str, ...], str | None]:
    """The authors that a byline without its "By" names, and the news agency or paper that follows them, if any."""
    text = _without_note(byline.strip(" *_|·.—–-"))
    parts = [
        part.strip() for part in re.split(r",|;|\||&|/(?=[A-Z])|\s[-–—·]\s|\s(?:and|und|et|y)\s", text) if part.strip()
    ]
    if _INVERTED.fullmatch(text) and not any(map(is_agency, parts)):
        parts = [text]
    people = [_ROLE.sub("", part).strip() for part in parts]
    people = [person for person in people if person]
    agency = people.pop() if len(people) > 1 and _AGENCY.fullmatch(people[-1]) else None
    if not people or not all(_NAME.fullmatch(person.replace(",", "")) for person in people):
        return (), None
    return tuple(canonical(person) for person in people), agency


def is_agency(name: str) -> bool:
    """Tell a news agency or paper that is known by its name."""
    return _AGENCY.fullmatch(name.strip()) is not None


def _without_note(text: str) -> str:
    """The text without what stands in brackets at the end of its last line."""
    opens = text.find("(", text.rfind("\n") + 1)
    return text[:opens].rstrip() if opens >= 0 and text.endswith(")") else text


def is_credit(text: str) -> bool:
    """Tell whether a line or caption names the maker of a picture and does not go on as a sentence."""
    if len(text) > _LONGEST_CREDIT or _tells_a_story(text):
        return False
    return (_CREDIT.search(text) or _CAPTION_AND_NAME.search(text)) is not None


def is_lone_credit(text: str) -> bool:
    """Tell a credit that says so itself ("Photo: …"), sure enough to be left out in the middle of an article."""
    return _CREDIT_ALONE.match(text) is not None and is_credit(text)


def _tells_a_story(text: str) -> bool:
    return text.endswith((".", "?", "!", '."', ".”")) and not re.search(r"(?:\)|[A-Z])\.$", text) and len(text) > 120


def _skip_metadata(header: Header, stanzas: list[list[Line]], titled: bool) -> list[list[Line]]:
    rest = [stanza for stanza in stanzas if stanza]
    apart = titled and len(rest) < len(stanzas)  # nothing of the title's own stanza is left
    for _ in range(_MOST_METADATA):
        taken = _take_metadata(header, rest, apart, is_credit if titled else is_lone_credit) if rest else 0
        if not taken:
            break
        rest[0] = rest[0][taken:]
        apart = titled
        if not rest[0]:
            rest = rest[1:]
    return rest


def _skip_metadata_under_deck(header: Header, rest: list[list[Line]]) -> list[list[Line]]:
    """Skip a byline or date line that follows a deck (a summary under the title); the deck itself is body text."""
    deck = rest[0]
    if len(rest) < 3 or len(deck) > _MOST_DECK_LINES or len(_joined(deck)) > _LONGEST_DECK:
        return rest
    if not read_line(Header(), rest[1][0].text):
        return rest
    return [deck, *(_skip_metadata(header, rest[1:], titled=True) or rest[1:])]


def _take_metadata(
    header: Header, rest: list[list[Line]], apart: bool, credits_picture: Callable[[str], bool] = is_credit
) -> int:
    """Read the first line or stanza as metadata: the number of lines that it takes, 0 if it is something else."""
    stanza, text = rest[0], rest[0][0].text
    if (match := _LABEL.fullmatch(text)) and len(text) <= _LONGEST_LABEL and not text.endswith("."):
        return _take_label(header, match[1].lower(), match[2])
    if read_line(header, text) or _take_bare_byline(header, rest, apart):
        return 1
    if len(stanza) <= 3 and len(rest) > 1 and credits_picture(_joined(stanza)):
        return len(stanza)
    return 1 if credits_picture(text) and not stanza[0].ends_sentence else 0


def _take_label(header: Header, label: str, value: str) -> int:
    if label in {"date", "published"}:
        header.published = header.published or parse_date(value)
    elif label in {"author", "authors", "byline"}:
        header.authors = header.authors or names(value)[0] or (_clean(value) or value,)
    elif label in {"source", "publisher"}:
        header.source = header.source or _clean(value)
    else:
        header.labels.setdefault(label, value)
    return 1


def _take_byline(header: Header, text: str) -> bool:
    match = _BYLINE.fullmatch(text) if len(text) <= _LONGEST_BYLINE else None
    if match is None:
        return False
    dated = _DATED.fullmatch(match[1])
    byline, day = (dated[1], parse_date(dated[2])) if dated else (match[1], None)
    authors, agency = names(byline)
    if not authors:
        return False
    header.authors = header.authors or authors
    header.source = header.source or agency
    header.published = header.published or day
    return True


def _take_bare_byline(header: Header, rest: list[list[Line]], apart: bool) -> bool:
    """Read a name without "By": only with an agency that is known, or alone on its line next to a date line."""
    text = rest[0][0].text
    if header.authors and not header.source and apart and (desk := _DESK.fullmatch(text)):
        header.source = desk[1]
        return True
    if (
        header.authors
        or len(text) > _LONGEST_BYLINE
        or rest[0][0].ends_sentence
        or not (apart or re.search("[,|]", text))
    ):
        return False
    authors, agency = names(text)
    following = rest[0][1].text if len(rest[0]) > 1 else rest[1][0].text if len(rest) > 1 else ""
    dated = apart and 2 <= len(text.split()) <= 4 and (header.published or parse_date(following))
    if not authors or not (agency or dated or (apart and _AGENCY.fullmatch(text))):
        return False
    header.authors = authors
    header.source = header.source or agency
    return True


def _title_lines(rest: Sequence[Sequence[Line]]) -> list[Line]:
    """The lines of the first stanza that are a title, or none."""
    if not rest:
        return []
    first = rest[0]
    for at in range(1, min(len(first), _MOST_TITLE_LINES + 1)):
        if _take_metadata(Header(), [list(first[at:]), *map(list, rest[1:])], apart=False):
            lines = first[:at]
            return list(lines) if _is_title(lines, before_byline=True) else []
    if len(rest) > 1 and len(first) <= _MOST_TITLE_LINES:
        signed = _take_metadata(Header(), list(map(list, rest[1:])), apart=True) > 0
        return list(first) if _is_title(first, before_byline=signed) else []
    above = len(first) > 1 and _stands_above(first[0], first[1])
    return [first[0]] if above and _is_title(first[:1]) else []


def _stands_above(line: Line, following: Line) -> bool:
    """Tell a title from the first line of a paragraph that it is not separated from by a blank line."""
    return len(following.text) > 1.3 * len(line.text) and len(line.text) <= 100 and following.text[0].isupper()


def _is_title(lines: Sequence[Line], before_byline: bool = False) -> bool:
    """Tell a title by its form; one that stands before a byline or date line may end with a full stop."""
    text = _joined(lines)
    if not 0 < len(text) <= _LONGEST_TITLE or text[0].islower() or text[-1] in ",;:" or lines[0].is_item:
        return False
    if _INNER_SENTENCE_END.search(text) or not re.search(r"[^\W\d_]", text):
        return False
    stopped = re.search(r"[.。]\W*$", text) is not None
    return not stopped or before_byline or _ENDS_AS_ABBREVIATION.search(text) is not None


def _joined(lines: Sequence[Line]) -> str:
    return canonical(" ".join(" ".join(line.text for line in lines).split()))


def _clean(text: str | None) -> str | None:
    return canonical(" ".join(text.split())) or None if text else None
