"""The Ray cluster that this machine belongs to, reached once in a process."""

import logging
import os
import threading
from typing import Any

from index.sharding.errors import ClusterError

_lock = threading.Lock()


def cluster(address: str) -> Any:
    """The package ``ray``, connected to a cluster.

    :param address: ``auto``, or ``HOST:PORT`` of the cluster's head.
    :raises ClusterError: when there is none, or the package is missing.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise ClusterError("Ray is not installed (the extra ray)", "ray_missing") from None
    with _lock:
        if not ray.is_initialized():
            try:
                ray.init(address, logging_level="ERROR", log_to_driver=False, configure_logging=False)
                logging.getLogger("ray.serve").setLevel(logging.ERROR)
            except (ConnectionError, RuntimeError, ValueError) as error:
                reason = str(error).splitlines()[0]
                raise ClusterError(f"the Ray cluster {address} can't be reached ({reason})") from None
    return ray
