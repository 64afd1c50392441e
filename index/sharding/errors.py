"""What goes wrong with shards."""

from index.errors import PullquoteError
from index.storage.snapshot import SnapshotError


class SplitError(PullquoteError, ValueError):
    """A version can't be split in this way."""

    code = "not_split"


class LostError(PullquoteError, RuntimeError):
    """A shard does not answer."""

    code = "incomplete"


class ClusterError(SnapshotError):
    """The machines that the shards of a version are to run on can't be used, or not yet."""

    code = "cluster_unusable"
