"""Where the shards of a service's index run."""

from api.settings import PREFIX, Settings
from index.replication.bucket import Bucket
from index.replication.collections import bucket_of
from index.replication.shards import InBucket
from index.sharding.on_ray import OnRay, SharedFolder, Source

CACHE_VARIABLE = f"{PREFIX}SHARD_CACHE"


def on_ray(settings: Settings) -> OnRay | None:
    """The cluster that the shards of this collection run on; None where they run in the service itself.

    :raises BucketError: when the address of the bucket that is followed can't be used.
    """
    if not settings.ray:
        return None
    source: Source = SharedFolder(settings.verify_on_open)
    if settings.follow:
        url = bucket_of(Bucket(settings.follow), settings.collection).url
        source = InBucket(url, settings.shard_cache, CACHE_VARIABLE, settings.verify_on_open)
    return OnRay(settings.ray, settings.ray_replicas, source)
