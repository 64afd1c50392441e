"""What somebody at the command line can do about an error, by its code."""

ADVICE = {
    "no_index": "Build one with 'make index' or 'pullquote build SOURCE…'",
    "index_damaged": "Build the index again with 'make index' or 'pullquote build SOURCE…'",
    "installation_incomplete": "Install it again: 'make install' in a checkout, else with pip",
    "calibration_damaged": "Fit it again with 'pullquote calibrate FILE' after 'pullquote calibrate --reset'",
    "no_evaluation": "Write one with 'pullquote eval FILE --json OUT'",
    "private_address": "Set PULLQUOTE_FETCH_PRIVATE to allow such addresses",
    "login_unusable": "Set PULLQUOTE_FETCH_LOGINS to a file with a line 'machine HOST login NAME password WORD'",
    "text_recognition": "Set PULLQUOTE_OCR, for example to eng, to have it done by the program tesseract",
    "no_text_column": "Set PULLQUOTE_COLUMNS, for example to text=NAME,title=NAME",
    "list_too_long": "Raise PULLQUOTE_FETCH_LIMIT to read more",
    "source_takes_too_long": "Set PULLQUOTE_SOURCE_SECONDS to allow more",
    "source_takes_too_much_memory": "Set PULLQUOTE_SOURCE_MEMORY to allow more",
    "import_holds_deleted": "Add --restore-deleted if they are to be back, or import it into another --data-dir",
    "extra_missing": "Install it with pip install 'pullquote[replicas]'",
    "ray_missing": "Install it with pip install 'pullquote[ray]'",
    "cluster_unusable": "Start Ray on this machine ('ray start'), or set PULLQUOTE_RAY to HOST:PORT of the head",
    "bucket_unreachable": "Check that it exists, and the address and keys in the environment (AWS_ENDPOINT_URL, "
    "AWS_ACCESS_KEY_ID and the like)",
    "published_whole": "Publish shards with 'pullquote split --to FOLDER --publish-to BUCKET', or serve without --ray",
    "shards_elsewhere": "Serve it with --ray and --follow, or follow the bucket with another, empty --data-dir",
    "another_builder": "One data folder publishes into a bucket: give this one another PULLQUOTE_PUBLISH_TO, or make "
    "an empty data folder its successor with 'pullquote restore'",
    "parts_unusable": "Make each part with 'pullquote build SOURCE… --part 1/4 --parts FOLDER', 2/4 and so on; then "
    "join them with 'pullquote build SOURCE… --parts FOLDER'",
    "several_articles": "Write it again to /v1/articles, without an id",
}


def advised(message: str, code: str) -> str:
    """A message with the advice for its code behind it, if there is any."""
    return f"{message.rstrip('.')}. {ADVICE[code]}" if code in ADVICE else message


def with_advice(error: Exception) -> str:
    """The message of an error, with the advice for its code if it is one of this library's."""
    return advised(str(error), getattr(error, "code", ""))
