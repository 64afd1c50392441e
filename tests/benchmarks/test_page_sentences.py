"""Which sentences a page should give is read from the suite of trafilatura, remarks too."""

from benchmarks.page_sentences import sentences

SCRIPT = """
MOCK_PAGES = {
'https://a.example/mill': 'mill.html',
'https://b.example/pier': 'pier.html',
}

def test_extract():
    result = load_mock_page('https://a.example/mill')
    assert 'It\\'s of oak.' in result and "Sign up" not in result # and 'By Ann' not in result
    # result = load_mock_page('https://b.example/pier')
    assert 'Of the pier.' in result
    result = load_mock_page('https://b.example/pier', True)
    if xml is False:
        assert 'The pier stands.' in result
"""


def test_sentences_belong_to_the_page_that_is_read_before_them() -> None:
    assert list(sentences(SCRIPT)) == [
        ("https://a.example/mill", "mill.html", "It's of oak.", True),
        ("https://a.example/mill", "mill.html", "Sign up", False),
        ("https://a.example/mill", "mill.html", "By Ann", False),
        ("https://b.example/pier", "pier.html", "The pier stands.", True),
    ]
