"""Which of the titles that a web page tells is that of its article, and without the name of the site."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import urlsplit

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+(?:[|·•»›«:]|[-–—]{1,2}|::)\s+|\s*[|»]\s*")
_STRONG = re.compile(r"\s(?:[|»]|::)\s[^\s|»]+(?:\s[^\s|»]+){0,3}$")
"""What divides the name of a site from a headline and hardly anything else, with that name."""
_MOST_CUTS = 8
"""Places of a title at which it is tried whether the rest is the heading."""
_LEAST_WORDS = 3
"""Words of a headline from which a name is cut off that nothing else tells to be one of a site."""
_HYPHEN = re.compile(r"[-–—_|][^\W\d]")
_LEAST_LETTERS = 8
"""Letters of a heading that the title of the page begins with, to be taken for it."""
_LONGEST_SITE = 60
"""Code points of the name of a site."""


def headline(
    titles: Sequence[str | None], shown: Sequence[str], sites: Iterable[str | None], url: str | None
) -> str | None:
    """The first title that another one bears out, else the first one that there is, without the name of the site.

    :param titles: the titles in the metadata, the most trusted first.
    :param shown: the headings of the highest level that readers see.
    :param sites: names of the site and its publisher.
    """
    names = {_key(site) for site in sites if site} | _host_names(url)
    cleaned = [
        _without_site(title, names, shown)
        for title in titles
        if title and not _is_site(title, names) and (_shows(title, shown) or not _is_tail(title, titles))
    ]
    others = [*cleaned, *shown]
    borne_out = (
        title
        for at, title in enumerate(cleaned)
        if any(_agree(title, other) for other in others[:at] + others[at + 1 :])
    )
    return next(borne_out, None) or next(iter(cleaned), None)


def _without_site(title: str, names: set[str], shown: Sequence[str]) -> str:
    """A title without what stands before or behind it when that is the site's name, or the rest is the heading."""
    for cut in islice(_SEPARATOR.finditer(title), _MOST_CUTS):
        for part in (title[: cut.start()], title[cut.end() :]):
            if _shows(part, shown):
                return part.strip()
    for heading in shown:  # without spaces around what divides it from the name, as in Chinese
        if len(_key(heading)) >= _LEAST_LETTERS and title.startswith(heading) and _HYPHEN.match(title[len(heading) :]):
            return heading
    for _ in range(3):
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            break
        last, first = cuts[-1], cuts[0]
        if _is_site(title[last.end() :], names):
            title = title[: last.start()]
        elif _is_site(title[: first.start()], names) and first[0].strip() != ":":
            title = title[first.end() :]
        else:
            break
    for _ in range(_MOST_CUTS):
        name = _STRONG.search(title)
        if not name or len(_WORD.findall(title[: name.start()])) < _LEAST_WORDS or _shows(title, shown):
            break
        title = title[: name.start()]
    return title.strip()


def _is_site(text: str, names: set[str]) -> bool:
    key = _key(text)
    return bool(key) and len(text) <= _LONGEST_SITE and (key in names or key.removeprefix("the") in names)


def _is_tail(title: str, titles: Sequence[str | None]) -> bool:
    """Tell what stands behind the last divider of another title and is shorter than the rest: the name of a site."""
    for other in titles:
        *_, cut = [None, *_SEPARATOR.finditer(other or "")]
        if other and cut and other[cut.end() :] == title and cut.start() > len(title):
            return True
    return False


def _shows(text: str, shown: Sequence[str]) -> bool:
    return bool(_key(text)) and any(_key(text) == _key(heading) for heading in shown)


def _agree(title: str, other: str) -> bool:
    """Tell whether two titles are one, apart from what is added to or left out of one of them."""
    ours, theirs = set(_WORD.findall(title.casefold())), set(_WORD.findall(other.casefold()))
    return bool(ours and theirs) and 2 * len(ours & theirs) > min(len(ours), len(theirs))


def _host_names(url: str | None) -> set[str]:
    """What the address tells of the name: ``usatoday`` and ``usatoday.com`` of ``www.usatoday.com``."""
    host = (urlsplit(url or "").hostname or "").removeprefix("www.")
    labels = host.split(".")
    ends = {".".join(labels[at:]) for at in range(len(labels) - 1)}
    return {_key(name) for name in (host, *ends, *labels[:-1]) if len(name) > 2}


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))
