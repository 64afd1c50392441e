"""Charts of slides and Word documents."""

from lxml import etree

from index.parsing.charts import chart_parts
from index.parsing.parts import Part

SERIES = (
    '<c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    '<c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>2022</c:v></c:pt><c:pt idx="1"><c:v>2023</c:v></c:pt>'
    '</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx="{at}"><c:v>{figure}</c:v></c:pt>'
    "</c:numCache></c:numRef></c:val></c:ser>"
)


def read(inner: str, title: str = "") -> list[Part]:
    named = f"<c:title><c:tx><a:p><a:r><a:t>{title}</a:t></a:r></a:p></c:tx></c:title>" if title else ""
    chart = f'<c:chartSpace xmlns:c="urn:c" xmlns:a="urn:a"><c:chart>{named}{inner}</c:chart></c:chartSpace>'
    return list(chart_parts(etree.fromstring(chart), 4))


def test_figures_of_a_chart_are_a_table_with_a_column_for_each_series() -> None:
    series = SERIES.format(name="Oats", at=0, figure="4.4000000000000004") + SERIES.format(name="Rye", at=1, figure="7")
    found = read(series, "Sacks a year")
    assert [(part.kind, part.text) for part in found] == [
        ("paragraph", "Sacks a year"),
        ("columns", "| Oats | Rye"),
        ("row", "2022 | 4.4 |"),
        ("row", "2023 | | 7"),
    ]
    assert {part.page for part in found} == {4}


def test_a_chart_without_figures_is_nothing() -> None:
    assert read("<c:ser><c:val/></c:ser>") == []
