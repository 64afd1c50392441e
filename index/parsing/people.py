"""Authors as files and pages name them, which is not always by their names alone."""

import re
from collections.abc import Iterable, Iterator

from index.parsing.byline import is_agency, names

_AND = re.compile(r"(?<!\s)\s++(?:and|und|et|y|e|&)\s+")
_INVERTED = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,2}, ?[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*)?")
_LONGEST_FAMILY_NAME = re.compile(
    r"(?:(?:von|van|der|den|de|del|della|di|da|dos|la|le|al|el|bin|ibn|ter|zu)\s)*\S+", re.I
)
_LONE_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")
_SUFFIX = re.compile(r",\s*(Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D|Esq|MBE|OBE|CBE)\b\.?(?=\s*(?:,|;|$|and\b|&))")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = re.compile(
    rf"[\s,|·•–—-]*\b(?:{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b.*|\d{{1,2}}\.?\s+{_MONTH}\b.*|\d{{4}}-\d\d-\d\d.*)",
    re.IGNORECASE | re.DOTALL,
)
_MONTH_LAST = re.compile(rf"(\S+\s+\S.*?)[\s,|·•–—-]+{_MONTH}\.?", re.IGNORECASE | re.DOTALL)
_STAMP = re.compile(
    r"[\s,|·•–—-]*\b(?:(?:last |first )?(?:updated|published|posted|modified)|\d+ (?:minutes?|hours?|days?) ago|"
    r"\d+ min(?:ute)?s? read)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_BY = re.compile(r"^(?:(?:posted|written|reported|published|words|story|text)\s+)?by(?:\s*:\s*|\s+|$)", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:(?:senior|chief|staff|deputy|assistant|associate|managing|contributing|political|business|science|health|"
    r"technology|sports?|foreign|national|world|news|special|guest|executive|web|digital|data|investigative)\s+)*"
    r"(?:reporters?|writers?|editors?|correspondents?|columnists?|journalists?|contributors?|staff|team|desk|bureau|"
    r"editorial(?: board| team| staff)?)",
    re.IGNORECASE,
)
_MAILED = re.compile(
    r"[^\s@()]{1,99}@[^\s@()]{1,99} \(([^()]{1,99})\)|([^<>@]{1,100}?) ?<[^\s<>@]{1,99}@[^\s<>@]{1,99}>"
)
"""``ann@example.org (Ann Lund)``, as RSS has it, and ``Ann Lund <ann@example.org>``."""
_ADDRESS = re.compile(r"^@\w|://|^www\.|^https?\b", re.IGNORECASE)
_NOBODY = re.compile(
    rf"\W*(?:anonymous|admin(?:istrator)?|user|owner|author|unknown|none|null|root|guest|default|home|office|pc|"
    rf"python-docx|un-?named|microsoft(?: office)?(?: user)?|windows user|windows|openpyxl|apache poi|toshiba|dell|hp|"
    rf"lenovo|acer|asus|samsung|sony|compaq|hewlett-packard(?: company)?|ibm|fujitsu|scanner|preinstalled user|"
    rf"{_MONTH}\.?)?(?:[\s_-]?(?:user|customer|pc|laptop))?[\W\d_]*",
    re.IGNORECASE,
)


def people(names: Iterable[str], is_list: bool = False) -> tuple[str, ...]:
    """The authors that a field of metadata names, each once, as they are written.

    ``Okafor, Ngozi`` is one; dates and ``Updated`` behind a name are no part of it; accounts of computers are nobody.

    :param is_list: whether each text is one author already.
    """
    found: list[str] = []
    for text in names:
        for name in _one(text) if is_list else _several(text):
            if found and _LONE_SUFFIX.fullmatch(name):
                found[-1] += f" {name}"
            else:
                found.append(name)
    return tuple(dict.fromkeys(found))


def _several(text: str) -> Iterator[str]:
    if ";" in text:
        for part in text.split(";"):
            yield from _one(part)
        return
    text = _SUFFIX.sub(r" \1", text)
    inverted = [part.strip() for part in _AND.split(text)]
    if all(is_inverted(part) for part in inverted):
        yield from (name for part in inverted for name in _one(part))
        return
    clean = _cleaned(text)
    for name in names(clean)[0] or (clean,):
        yield from _one(name)


def _one(text: str) -> Iterator[str]:
    clean = " ".join(text.split()) if is_inverted(" ".join(text.split())) else _cleaned(text)
    if not (_NOBODY.fullmatch(clean) or _ROLE.fullmatch(clean) or _ADDRESS.search(clean)):
        yield clean


def _cleaned(text: str) -> str:
    mailed = _MAILED.fullmatch(text.strip()[:500])
    text = (mailed[1] or mailed[2]) if mailed else text
    clean = _DAY.sub("", _STAMP.sub("", _BY.sub("", " ".join(text.split())[:500])))
    month = _MONTH_LAST.fullmatch(clean)
    return (month[1] if month else clean).strip(" ,|·•–—")


def is_inverted(text: str) -> bool:
    """Tell ``Okafor, Ngozi`` from two names: there is one comma, and a single family name before it."""
    family, comma, given = text.partition(",")
    if not comma or len(text) > 80 or not _INVERTED.fullmatch(text):
        return False
    return _LONGEST_FAMILY_NAME.fullmatch(family.strip()) is not None and not (is_agency(family) or is_agency(given))
