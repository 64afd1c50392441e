r"""Commands that a LaTeX document defines for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.formats.registry import load
from index.parsing.latex_macros import written_out
from index.parsing.types import Origin


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"\newcommand{\mill}{the mill}We saw \mill{} and \mill.", "We saw the mill{} and the mill."),
        (r"\newcommand\mill{the mill}\mill was", "the millwas"),
        (r"\newcommand{\mill}{the mill\xspace}\mill was", "the mill was"),
        (r"\newcommand{\by}[2]{#2 by #1}\by{Ann}{a wall} \by x y", "a wall by Ann y by x"),
        (r"\newcommand*{\of}[2][four]{#1 of #2}\of{oak}, \of[two]{elm}", "four of oak, two of elm"),
        (r"\def\who#1{by \emph{#1}}\who{Ann {\it B.}}", r"by \emph{Ann {\it B.}}"),
        (r"\def\a{wall}\def\b{the \a}\def\a{pier}\b", "the pier"),
        (r"\newcommand{\R}{\mathbb R}\newcommand{\s}{\alpha}$\R^n\s x$", r"$\mathbb R^n\alpha{}x$"),
        (r"\renewcommand{\section}[1]{x}\section{Y}", r"\section{Y}"),
        (r"\newcommand{\a}{x}\renewcommand{\a}{y}\providecommand{\a}{z}\a", "y"),
        (
            r"\newcommand{\a}{x}\verb|\a|\begin{verbatim}\a\end{verbatim}\a",
            r"\verb|\a|\begin{verbatim}\a\end{verbatim}x",
        ),
        (r"\newcommand{\a}[2]{#1#2}\a{b", r"\a{b"),
        (r"\def\a#1.{x}\a y.", r"\def\a#1.{x}\a y."),
        (r"\newcommand{\a}{", r"\newcommand{\a}{"),
        (r"5\% of \unknown{x}", r"5\% of \unknown{x}"),
    ],
)
def test_what_a_document_defines_is_written_out(source: str, wanted: str) -> None:
    assert written_out(source) == wanted


def test_definitions_that_grow_without_end_stop() -> None:
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    tens = "".join("\\def\\" + name + "{" + 10 * ("\\" + used) + "}" for used, name in pairs)
    assert len(written_out(rf"\def\a{{wall}}{tens}\i")) < 10_000_000
    assert len(written_out(r"\def\a{\a\a}\a")) < 10_000_000


@given(st.text(st.sampled_from("\\{}[]#12ab \n|%")))
def test_a_document_that_defines_nothing_stays_as_it_is(source: str) -> None:
    assert written_out(source) == source


def test_headings_and_text_of_a_document_are_read_with_its_commands() -> None:
    source = (
        r"\documentclass{article}\newcommand{\aske}{Aske}\newcommand{\topic}[1]{\section{#1}}"
        r"\title{The mill of \aske}\begin{document}\maketitle\topic{Sails}The sails of \aske{} are four.\end{document}"
    )
    (article,) = load(source.encode(), Origin("mill.tex", path="mill.tex"))
    assert isinstance(article, Article)
    assert article.title == "The mill of Aske"
    assert [(block.kind, article.text[block.start : block.end]) for block in article.blocks] == [
        ("heading", "Sails"),
        ("paragraph", "The sails of Aske are four."),
    ]
