"""What somebody at the command line can do about an error, by its code."""

from api.advice import Advice

_ADVICE = Advice(
    {
        "installation_incomplete": "Install it again: 'make install' in a checkout, else with pip",
        "no_evaluation": "Write one with 'pullquote eval FILE --json OUT'",
        "private_address": "Set PULLQUOTE_FETCH_PRIVATE to allow such addresses",
        "login_unusable": "Set PULLQUOTE_FETCH_LOGINS to a file with a line 'machine HOST login NAME password WORD'",
        "text_recognition": "Set PULLQUOTE_OCR, for example to eng, to have it done by the program tesseract",
        "no_text_column": "Set PULLQUOTE_COLUMNS, for example to text=NAME,title=NAME",
        "list_too_long": "Raise PULLQUOTE_FETCH_LIMIT to read more",
        "source_takes_too_long": "Set PULLQUOTE_SOURCE_SECONDS to allow more",
        "source_takes_too_much_memory": "Set PULLQUOTE_SOURCE_MEMORY to allow more",
        "import_holds_deleted": "Add --restore-deleted if they are to be back, or import it into another --data-dir",
        "parts_unusable": "Make each part with 'pullquote build SOURCE… --part 1/4 --parts FOLDER', 2/4 and so on; "
        "then join them with 'pullquote build SOURCE… --parts FOLDER'",
        "several_articles": "Write it again to /v1/articles, without an id",
    }
)
ADVICE = _ADVICE.by_code
advised = _ADVICE.behind
with_advice = _ADVICE.on
