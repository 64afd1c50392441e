"""What a client of the service, or whoever runs it, can do about an error, by its code."""

from api.advice import Advice

_ADVICE = Advice(
    {
        "installation_incomplete": "Install the service again ('make install' in a checkout)",
        "private_address": "The service fetches from such addresses when PULLQUOTE_FETCH_PRIVATE is set",
        "login_unusable": "PULLQUOTE_FETCH_LOGINS of the service is the file with the logins",
        "text_recognition": "PULLQUOTE_OCR of the service has it done, by the program tesseract",
        "no_text_column": "PULLQUOTE_COLUMNS of the service, such as text=NAME, says what they are",
        "list_too_long": "PULLQUOTE_FETCH_LIMIT of the service is how many are read",
        "source_takes_too_long": "PULLQUOTE_SOURCE_SECONDS of the service is what is allowed",
        "source_takes_too_much_memory": "PULLQUOTE_SOURCE_MEMORY of the service is what is allowed",
        "several_articles": "POST it to /v1/articles without an id",
    }
)
ADVICE = _ADVICE.by_code
advised = _ADVICE.behind
with_advice = _ADVICE.on
