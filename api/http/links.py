"""The addresses of this service's pages and resources, as its responses give them."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from index.article import ARTICLE_ID, single_spaced
from rag.citing.citation import Citation
from rag.citing.fingerprint import DIGITS, fingerprint

_LONGEST_QUOTE = 300
"""Characters of a quote's first words in an address."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

PLACE = re.compile(
    rf"(?P<article>{ARTICLE_ID.pattern})\.(?P<start>[0-9a-z]{{1,8}})\.(?P<length>[0-9a-z]{{1,8}})"
    rf"\.(?P<sha256>[0-9a-f]{{{DIGITS}}})\.(?P<words>[0-9a-f]{{{DIGITS}}})"
)
"""What a link names: an article, a place in it (both numbers to the base 36), the hash of its text and that of the
words at the place.
"""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses that begin with ``base``, such as ``https://answers.example``.

    Without a base they are paths, and a citation whose article has an address of its own is linked there.
    """

    base: str = ""

    def article(self, article_id: str) -> str:
        """The page of an article, for people."""
        return f"{self.base}/articles/{article_id}"

    def citation(self, citation: Citation, question: str = "") -> str:
        """A short address that opens the article with the quote marked, for as long as the article has its words.

        It says all of that itself: the article, the place, and the hashes of text and words, by which the page knows
        whether the article changed and finds the words where they are now. With the ``question`` the page tells what it
        tells beside the answer: that other articles say otherwise, or that it is old.
        """
        if not self.base and citation.source_link:
            return citation.source_link
        start, length = _base36(citation.quote_start), _base36(citation.quote_end - citation.quote_start)
        hashes = f"{citation.sha256[:DIGITS]}.{fingerprint(citation.quote)}"
        asked = f"?q={quote(question, safe='')}" if question else ""
        return f"{self.base}/c/{citation.article_id}.{start}.{length}.{hashes}{asked}"

    def long(self, citation: Citation) -> str:
        """The same with the quote's first words: they tell what was cited when no service answers, and the page finds
        the place by them when the words have changed, too.
        """
        place = f"start={citation.quote_start}&end={citation.quote_end}&sha256={citation.sha256}"
        words = quote(_first_words(citation.quote), safe="").replace("-", "%2D")
        return f"{self.article(citation.article_id)}?{place}&quote={words}#:~:text={citation.text_directive}"


def job_link(job_id: int, root_path: str = "") -> str:
    """The path of a build, below the one under which the service is shown."""
    return f"{root_path}/v1/jobs/{job_id}"


def _first_words(text: str) -> str:
    words = single_spaced(text)
    if len(words) <= _LONGEST_QUOTE:
        return words
    return words[: _LONGEST_QUOTE + 1].rpartition(" ")[0] or words[:_LONGEST_QUOTE]


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, last = divmod(number, 36)
        digits = _DIGITS[last] + digits
    return digits
