"""Charts of Office documents: the title, and the figures as a table with a column for each series."""

from collections.abc import Iterator

from lxml import etree

from index.parsing.office_package import local_name, value
from index.parsing.parts import Part, one_line
from index.parsing.tables import MOST_ROWS, Row, table_parts


def chart_parts(chart: etree._Element, page: int | None = None) -> Iterator[Part]:
    """The parts of a chart, from its own part of the package."""
    title = next(chart.iterfind(".//{*}chart/{*}title"), None)
    if title is not None and (text := one_line(" ".join(node.text or "" for node in title.iter("{*}t")))):
        yield Part(text, page=page)
    series = list(chart.iter("{*}ser"))
    names = [next(iter(_points(found, "tx").values()), "") for found in series]
    figures = [_points(found, "val", "yVal") for found in series]
    places: dict[int, str] = {}
    for found in series:
        places = {**_points(found, "cat", "xVal"), **places}
    rows = sorted(set(places).union(*figures))[:MOST_ROWS]
    if any(figures):
        header = Row(["", *names], True, page)
        cells = [[places.get(at, ""), *(column.get(at, "") for column in figures)] for at in rows]
        yield from table_parts([header, *(Row(row, False, page) for row in cells)])


def _points(series: etree._Element, *names: str) -> dict[int, str]:
    """What a series holds under one of some names, by number; the name of the series itself may be without one."""
    for child in series:
        if local_name(child) in names:
            points = [(value(point, "idx"), _shown(point)) for point in child.iter("{*}pt")]
            if points:
                return {int(at): text for at, text in points if at.isdecimal() and len(at) < 9}
            return {0: _shown(child)} if _shown(child) else {}
    return {}


def _shown(point: etree._Element) -> str:
    text = one_line(next((node.text for node in point.iter("{*}v")), ""))
    try:
        return f"{float(text):.15g}" if len(text) > 15 else text
    except ValueError:
        return text
