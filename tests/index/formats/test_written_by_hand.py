"""reStructuredText and LaTeX, the XML of articles, and web pages that are not called so."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Origin
from index.sources.unread import SourceFailure, read
from tests.support.stories import STORIES, html_page

RST = """
===========
Mill report
===========

:Author: Jo Marsh
:Date: 2024-03-05

The mill of *Aske* grinds ``oats``. [1]_ See :class:`the wheel <mill.Wheel>` and :ref:`sails`.

Costs
=====

- Oats
- Rye

.. seealso::
   The barley report.

.. versionadded:: 3.2
   :since: 2

   New *stones* were laid.

.. include:: {file}

.. code-block:: sh

   grind --fine

=====  ======
Mill   Sacks
=====  ======
North  12
South  14
=====  ======

.. [1] Sown late.

.. toctree::

   sails
"""

LATEX = r"""\documentclass{article}
\title{On {\em oats} and rye\thanks{for the miller}}
\author{Jo Marsh \and Ann Lee\thanks{of Aske}}
\date{5 March 2024}
\begin{document}
\maketitle
\section*{Costs \& more}\label{costs}
The mill costs 4.2 million crowns~\cite{nobody}. % not this
It has na\"{\i}ve \textbf{millers}.

The load is $a^2 + b$.
\begin{figure}\includegraphics{mill}\caption{The mill in 1902.}\end{figure}
\begin{itemize}
\item Oats
\item Rye
\end{itemize}
\begin{tabular}{ll}
\hline
Mill & Sacks \\
North & 12 \\
\end{tabular}
\begin{thebibliography}{9}\bibitem{nobody} Nobody, 1999.\end{thebibliography}
\end{document}
Not this.
"""

JATS = """<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "JATS.dtd">
<article xmlns:m="http://www.w3.org/1998/Math/MathML"><front><journal-meta><journal-title>Mill letters</journal-title>
</journal-meta><article-meta><title-group><article-title>On oats</article-title></title-group><contrib-group>
<contrib contrib-type="author"><name><surname>Marsh</surname><given-names>Jo</given-names></name></contrib>
<contrib contrib-type="editor"><name><surname>Lee</surname><given-names>Ann</given-names></name></contrib>
</contrib-group><pub-date><day>5</day><month>3</month><year>2024</year></pub-date>
<abstract><p>The mill grinds oats.</p></abstract><kwd-group><kwd>mills</kwd></kwd-group></article-meta></front>
<body><sec><label>1</label><title>Costs</title><p>It cost 10<sup>6</sup> crowns <xref ref-type="bibr">[4]</xref>, said
the miller.</p><table-wrap><caption><p>Sacks</p></caption><table><thead><tr><th>Mill</th><th>Sacks</th></tr></thead>
<tbody><tr><td>North</td><td>12</td></tr></tbody></table></table-wrap>
<p>The load is <m:math><m:mi>a</m:mi><m:mo>+</m:mo><m:mi>b</m:mi></m:math> tons.</p></sec></body>
<back><ref-list><ref>Nobody 1999</ref></ref-list></back></article>"""

TEI = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>Letters of a miller</title>
<author>Jo Marsh</author></titleStmt><publicationStmt><publisher>Aske Press</publisher><date when="1904-03-05"/>
</publicationStmt></fileDesc></teiHeader><text><body><div><head>First letter</head>
<p>The rye<note place="foot">Sown late.</note> is tall.</p><lg><l>Oats and rye,</l><l>wind and sky.</l></lg>
<table><row role="label"><cell>Mill</cell><cell>Sacks</cell></row><row><cell>North</cell><cell>12</cell></row></table>
</div></body></text></TEI>"""

NITF = """<nitf><head><title>x</title><docdata><date.issue norm="20240305T090000Z"/><key-list><keyword key="mills"/>
</key-list></docdata><pubdata name="Lorn Post"/></head><body><body.head><hedline><hl1>Mill burns down</hl1></hedline>
<byline>By <person>Jo Marsh</person></byline></body.head><body.content><block><p>The mill burned down in May.</p>
<hl2>Help</hl2><p>Nobody was hurt.</p></block></body.content><body.end>30</body.end></body></nitf>"""


def article_of(name: str, text: str) -> Article:
    (article,) = load(text.encode(), Origin(name, name))
    assert isinstance(article, Article)
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def test_restructured_text(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Nobody may read this.")
    article = article_of("a.rst", RST.replace("{file}", str(secret)))
    assert (article.title, article.authors, article.published) == ("Mill report", ("Jo Marsh",), date(2024, 3, 5))
    assert told(article) == [
        ("paragraph", "The mill of Aske grinds oats. See the wheel and sails."),
        ("heading", "Costs"),
        ("paragraph", "Oats"),
        ("paragraph", "Rye"),
        ("paragraph", "The barley report."),
        ("paragraph", "3.2"),
        ("paragraph", "New stones were laid."),
        ("paragraph", "grind --fine"),
        ("columns", "Mill | Sacks"),
        ("row", "North | 12"),
        ("row", "South | 14"),
        ("paragraph", "Sown late."),
    ]


def test_latex() -> None:
    article = article_of("a.tex", LATEX)
    assert (article.title, article.published) == ("On oats and rye", date(2024, 3, 5))
    assert article.authors == ("Jo Marsh", "Ann Lee")
    assert told(article) == [
        ("heading", "Costs & more"),
        ("paragraph", "The mill costs 4.2 million crowns. It has naïve millers."),
        ("paragraph", "The load is a^2 + b."),
        ("paragraph", "The mill in 1902."),
        ("paragraph", "Oats"),
        ("paragraph", "Rye"),
        ("columns", "Mill | Sacks"),
        ("row", "North | 12"),
    ]


@pytest.mark.parametrize("text", [r"\title{A} \section{", r"\begin{tabular}{l} a & b", "{" * 50 + "Oats", r"\frac{a"])
def test_latex_that_is_cut_off_is_read_or_refused(text: str) -> None:
    with suppress(LoadError):
        assert all(isinstance(item, Article) for item in load(text.encode(), Origin("a.tex")))


def test_an_article_of_a_journal() -> None:
    article = article_of("a.xml", JATS)
    assert (article.title, article.authors, article.source) == ("On oats", ("Jo Marsh",), "Mill letters")
    assert (article.published, article.tags) == (date(2024, 3, 5), ("mills",))
    assert told(article) == [
        ("paragraph", "The mill grinds oats."),
        ("heading", "Costs"),
        ("paragraph", "It cost 10^6 crowns, said the miller."),
        ("paragraph", "Sacks"),
        ("columns", "Mill | Sacks"),
        ("row", "North | 12"),
        ("paragraph", "The load is a+b tons."),
    ]


def test_captions_are_paragraphs_and_of_two_readings_one_is_read() -> None:
    figure = "<fig><label>1</label><caption><title>The mill.</title><p>In 1902.</p></caption></fig></sec></body>"
    found = told(article_of("a.xml", JATS.replace("</sec></body>", figure)))
    assert found[-2:] == [("paragraph", "The mill."), ("paragraph", "In 1902.")]
    choice = "450 <choice><abbr>kN</abbr><expan>kilonewton</expan></choice> of rye"
    found = told(article_of("a.tei", TEI.replace("rye<note", f"{choice}<note")))
    assert found[1] == ("paragraph", "The 450 kilonewton of rye is tall.")
    media = "<media><media-reference/><media-caption>The mill in 1902.</media-caption></media></block>"
    assert told(article_of("a.nitf", NITF.replace("</block>", media)))[-1] == ("paragraph", "The mill in 1902.")


def test_lines_decks_subtitles_and_figures_at_the_end_are_read() -> None:
    broken = TEI.replace("is tall.", "is<lb/>tall and gol<lb break='no'/>den.")
    assert told(article_of("a.tei", broken))[1] == ("paragraph", "The rye is tall and golden.")
    deck = NITF.replace("</hl1>", "</hl1><hl2>Nobody was hurt in the fire</hl2>")
    assert told(article_of("a.nitf", deck))[0] == ("paragraph", "Nobody was hurt in the fire")
    parts = "<floats-group><fig><caption><p>The mill.</p></caption></fig></floats-group></article>"
    assert ("paragraph", "The mill.") in told(article_of("a.xml", JATS.replace("</article>", parts)))
    subtitle = JATS.replace("</article-title>", "</article-title><subtitle>A study of sails</subtitle>", 1)
    assert told(article_of("a.xml", subtitle))[0] == ("paragraph", "A study of sails")


def test_a_text_of_an_edition() -> None:
    article = article_of("a.tei", TEI)
    assert (article.title, article.authors, article.source) == ("Letters of a miller", ("Jo Marsh",), "Aske Press")
    assert article.published == date(1904, 3, 5)
    assert told(article) == [
        ("heading", "First letter"),
        ("paragraph", "The rye is tall."),
        ("paragraph", "Sown late."),
        ("paragraph", "Oats and rye,"),
        ("paragraph", "wind and sky."),
        ("columns", "Mill | Sacks"),
        ("row", "North | 12"),
    ]


def test_a_story_of_an_agency() -> None:
    article = article_of("a.nitf", NITF)
    assert (article.title, article.authors, article.source) == ("Mill burns down", ("Jo Marsh",), "Lorn Post")
    assert (article.published, article.tags) == (date(2024, 3, 5), ("mills",))
    assert told(article) == [
        ("paragraph", "The mill burned down in May."),
        ("heading", "Help"),
        ("paragraph", "Nobody was hurt."),
    ]


@pytest.mark.parametrize("data", ["<article/>", "<TEI><text/></TEI>", "<nitf><body/></nitf>"])
def test_xml_of_an_article_without_text_is_refused(data: str) -> None:
    with pytest.raises(LoadError, match="no text"):
        load(data.encode(), Origin("a.xml"))


@pytest.mark.parametrize("name", ["a-story", "story.html?page=1", "story.php", "news.2024"])
def test_a_web_page_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(html_page(STORIES[1]))
    (article,) = read([tmp_path])
    assert isinstance(article, Article)
    assert article.title == STORIES[1].title


def test_other_files_without_an_ending_are_told(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(b"\0\1" * 2000)
    (failure,) = read([tmp_path])
    assert isinstance(failure, SourceFailure)
    assert "not supported" in failure.reason
