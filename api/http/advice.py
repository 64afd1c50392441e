"""What a client of the service, or whoever runs it, can do about an error, by its code."""

ADVICE = {
    "no_index": "Build one with 'make index' or 'pullquote build SOURCE…'",
    "index_damaged": "Build the index again with 'make index' or 'pullquote build SOURCE…'",
    "installation_incomplete": "Install the service again ('make install' in a checkout)",
    "calibration_damaged": "Fit it again with 'pullquote calibrate FILE' after 'pullquote calibrate --reset'",
    "private_address": "The service fetches from such addresses when PULLQUOTE_FETCH_PRIVATE is set",
    "login_unusable": "PULLQUOTE_FETCH_LOGINS of the service is the file with the logins",
    "text_recognition": "PULLQUOTE_OCR of the service has it done, by the program tesseract",
    "no_text_column": "PULLQUOTE_COLUMNS of the service, such as text=NAME, says what they are",
    "list_too_long": "PULLQUOTE_FETCH_LIMIT of the service is how many are read",
    "source_takes_too_long": "PULLQUOTE_SOURCE_SECONDS of the service is what is allowed",
    "source_takes_too_much_memory": "PULLQUOTE_SOURCE_MEMORY of the service is what is allowed",
    "extra_missing": "Install it with pip install 'pullquote[replicas]'",
    "ray_missing": "Install it with pip install 'pullquote[ray]'",
    "cluster_unusable": "Start Ray on this machine ('ray start'), or set PULLQUOTE_RAY to HOST:PORT of the head",
    "bucket_unreachable": "Check that it exists, and the address and keys in the environment (AWS_ENDPOINT_URL, "
    "AWS_ACCESS_KEY_ID and the like)",
    "published_whole": "Publish shards with 'pullquote split --to FOLDER --publish-to BUCKET', or serve without --ray",
    "shards_elsewhere": "Serve it with --ray and --follow, or follow the bucket with another, empty --data-dir",
    "another_builder": "One data folder publishes into a bucket: give this one another PULLQUOTE_PUBLISH_TO, or make "
    "an empty data folder its successor with 'pullquote restore'",
    "several_articles": "POST it to /v1/articles without an id",
}


def advised(message: str, code: str) -> str:
    """A message with the advice for its code behind it, if there is any."""
    return f"{message.rstrip('.')}. {ADVICE[code]}" if code in ADVICE else message


def with_advice(error: Exception) -> str:
    """The message of an error, with the advice for its code if it is one of this library's."""
    return advised(str(error), getattr(error, "code", ""))
