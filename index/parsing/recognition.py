"""Text of pages that are pictures, recognised by the program Tesseract, which has to be installed.

Its output is hOCR: https://kba.github.io/hocr-spec/1.2/
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from index.parsing.page_line import PageLine
from index.parsing.types import LoadError

PROGRAM = "tesseract"
_DOTS_PER_INCH = 300
"""What Tesseract is made for: https://tesseract-ocr.github.io/tessdoc/ImproveQuality.html"""
_POINTS_PER_INCH = 72
_MOST_DOTS = 40_000_000
"""Of a page: larger ones are recognised less sharply."""
_SECONDS = 60
"""What one page may take."""
_LEAST_CERTAINTY = 50
"""Of 100, on average: below, a page is a photograph, or in another language."""
_LINES = {"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"}
_BOX = re.compile(r"bbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
_BASELINE = re.compile(r"baseline -?[\d.]+ (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_CERTAINTY = re.compile(r"x_wconf (\d+)")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lines of a page in reading order, and how certain they are on average, of 100."""

    lines: list[PageLine]
    certainty: float


def languages() -> list[str]:
    """The languages that can be recognised, by Tesseract's names (``eng``); none when it is not installed."""
    try:
        done = subprocess.run([PROGRAM, "--list-langs"], capture_output=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.decode("utf-8", "replace").split("\n")[1:]


def recognise(page: Any, number: int, language: str) -> Recognised | None:
    """What stands on a page of a PDF; None for what is hardly any text.

    :param page: of pypdfium2.
    :param language: one or several, ``eng+deu``.
    :raises LoadError: if Tesseract can't be run, or takes too long.
    """
    width, height = page.get_size()
    inches = max(1.0, width / _POINTS_PER_INCH) * max(1.0, height / _POINTS_PER_INCH)
    dots = min(_DOTS_PER_INCH, (_MOST_DOTS / inches) ** 0.5)
    command = [PROGRAM, "stdin", "stdout", "-l", language, "--dpi", f"{dots:.0f}", "hocr"]
    scale = dots / _POINTS_PER_INCH
    try:
        done = subprocess.run(
            command, input=_picture(page, scale), capture_output=True, timeout=_SECONDS, check=True, env=_alone()
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"recognising page {number} takes more than {_SECONDS} s: divide the document") from None
    except (OSError, subprocess.CalledProcessError) as error:
        message = getattr(error, "stderr", b"").decode("utf-8", "replace").strip().split("\n")[0] or str(error)
        raise LoadError(f"text recognition fails ({message}): install tesseract and the language {language}") from None
    tree = lxml_html.fromstring(done.stdout)
    certainties = [float(match[1]) for word in tree.iter("span") if (match := _CERTAINTY.search(_title(word)))]
    if not certainties or mean(certainties) < _LEAST_CERTAINTY:
        return None
    found = (_line(line, number, scale, height) for line in tree.iter("span") if line.get("class") in _LINES)
    return Recognised([line for line in found if line], mean(certainties))


def _alone() -> dict[str, str]:
    """The environment with one thread for Tesseract: documents are read side by side."""
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}


def _picture(page: Any, scale: float) -> bytes:
    """The page in shades of grey, as a portable grey map."""
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    lines: Sequence[Any] = [rows[at * bitmap.stride :][: bitmap.width] for at in range(bitmap.height)]
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)


def _line(line: etree._Element, number: int, scale: float, height: float) -> PageLine | None:
    title = _title(line)
    text = " ".join("".join(line.itertext()).split())
    box, baseline, size = _BOX.search(title), _BASELINE.search(title), _SIZE.search(title)
    if not (text and box):
        return None
    left, top, right, bottom = map(float, box.groups())
    low = height - (bottom + (float(baseline[1]) if baseline else 0.0)) / scale
    letters = float(size[1]) if size else bottom - top
    return PageLine(text, number, left / scale, right / scale, low, letters / scale, is_bold=False)


def _title(element: etree._Element) -> str:
    return element.get("title") or ""
