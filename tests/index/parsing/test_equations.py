"""Equations of Word and of web pages on one line."""

import pytest
from lxml import etree

from index.parsing.equations import linear


def _run(text: str) -> str:
    return f"<r><t>{text}</t></r>"


def _word(inner: str) -> str:
    return linear(etree.fromstring(f'<oMath xmlns="m" xmlns:m="m">{inner}</oMath>'))


def _page(inner: str) -> str:
    return linear(etree.fromstring(f"<math>{inner}</math>"))


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ("<mo>−<!-- minus --></mo><mi>x<!-- a letter --></mi>", "−x"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>", "∑_(i=1)^n "),
        ("<munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mi>x</mi>", "lim_(x→0)x"),
        ("<mn>2</mn><mo>\u2062</mo><mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "2 sin x"),
        ("<mn>450</mn><mi>kN</mi>", "450 kN"),
        ("<mi>x</mi><mtext> if </mtext><mi>x</mi><mo>></mo><mn>0</mn>".replace(">></", ">&gt;</"), "x if x>0"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x"),
        (
            "<mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>"
            "<mtr><mtd><mn>0</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable><mo>]</mo>",
            "[1 0; 0 4]",
        ),
    ],
)  # fmt: skip
def test_equations_of_pages(inner: str, wanted: str) -> None:
    assert _page(inner) == wanted


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        (
            '<nary><naryPr><chr m:val="∑"/></naryPr>'
            f"<sub>{_run('i=1')}</sub><sup>{_run('n')}</sup><e>{_run('i')}</e></nary>",
            "∑_(i=1)^n i",
        ),
        (f"<nary><naryPr/><sub/><sup/><e>{_run('f dx')}</e></nary>", "∫ f dx"),
        (f"<func><fName>{_run('sin')}</fName><e>{_run('x')}</e></func>", "sin x"),
        (f"<func><fName>{_run('sin')}</fName><e><d><e>{_run('x')}</e></d></e></func>", "sin(x)"),
        (f"<limLow><e>{_run('lim')}</e><lim>{_run('x→0')}</lim></limLow>", "lim_(x→0)"),
        (
            f"<m><mr><e>{_run('1')}</e><e>{_run('0')}</e></mr><mr><e>{_run('0')}</e><e>{_run('4')}</e></mr></m>",
            "1 0; 0 4",
        ),
        (f"<acc><e>{_run('x')}</e></acc>", "x\u0302"),
    ],
)
def test_equations_of_word(inner: str, wanted: str) -> None:
    assert _word(inner) == wanted
