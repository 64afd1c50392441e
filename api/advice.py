"""What can be done about an error, by its code."""

from collections.abc import Mapping

EVERYWHERE = {
    "no_index": "Build one with 'make index' or 'pullquote build SOURCE…'",
    "index_damaged": "Build the index again with 'make index' or 'pullquote build SOURCE…'",
    "calibration_damaged": "Fit it again with 'pullquote calibrate FILE' after 'pullquote calibrate --reset'",
    "extra_missing": "Install it with pip install 'pullquote[replicas]'",
    "ray_missing": "Install it with pip install 'pullquote[ray]'",
    "cluster_unusable": "Start Ray on this machine ('ray start'), or set PULLQUOTE_RAY to HOST:PORT of the head",
    "bucket_unreachable": "Check that it exists, and the address and keys in the environment (AWS_ENDPOINT_URL, "
    "AWS_ACCESS_KEY_ID and the like)",
    "published_whole": "Publish shards with 'pullquote split --to FOLDER --publish-to BUCKET', or serve without --ray",
    "shards_elsewhere": "Serve it with --ray and --follow, or follow the bucket with another, empty --data-dir",
    "another_builder": "One data folder publishes into a bucket: give this one another PULLQUOTE_PUBLISH_TO, or make "
    "an empty data folder its successor with 'pullquote restore'",
}
"""What helps whoever meets the error: at the command line, as a client, or in the log."""


class Advice:
    """The advice for one kind of reader.

    :param own: what only these readers can do, by the code of an error.
    """

    def __init__(self, own: Mapping[str, str]) -> None:
        self.by_code: Mapping[str, str] = {**EVERYWHERE, **own}

    def behind(self, message: str, code: str) -> str:
        """A message with the advice for its code behind it, if there is any."""
        return f"{message.rstrip('.')}. {self.by_code[code]}" if code in self.by_code else message

    def on(self, error: Exception) -> str:
        """The message of an error, with the advice for its code if it is one of this library's."""
        return self.behind(str(error), getattr(error, "code", ""))
