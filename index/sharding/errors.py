"""What goes wrong with shards."""

from index.errors import PullquoteError


class SplitError(PullquoteError, ValueError):
    """A version can't be split in this way."""

    code = "not_split"


class LostError(PullquoteError, RuntimeError):
    """A shard does not answer."""

    code = "incomplete"
