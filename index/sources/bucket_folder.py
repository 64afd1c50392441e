"""Folders in object stores that speak S3. Keys and the address of the store are those of the environment."""

import os
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from index.sources.fetch import FetchError, FetchPolicy, GoneError, checked_addresses
from index.sources.folders import MOST_FILES, Listed

T = TypeVar("T")

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class BucketFolder:
    """The objects of a bucket whose names begin with a prefix."""

    def __init__(self, address: str, policy: FetchPolicy) -> None:
        """:raises FetchError: if the package ``obstore`` is missing, or the store is at an address that is private."""
        try:
            import obstore
            from obstore import exceptions, store
        except ImportError:
            reason = "buckets need the package obstore, which is not installed (the extra replicas)"
            raise FetchError(reason, "extra_missing") from None
        self._objects: Any = obstore
        self._failures = exceptions.BaseError
        self._bucket, _, self._prefix = address.removeprefix("s3://").partition("/")
        endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
        if endpoint:
            parts = urlsplit(endpoint)
            try:
                checked_addresses(parts.hostname or "", parts.port or 443, policy.allow_private)
            except OSError as error:
                raise FetchError(f"the store can't be reached ({error.strerror}): check AWS_ENDPOINT_URL") from None
        self._most = policy.max_bytes
        client = {
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "timeout": timedelta(seconds=policy.seconds),
            "connect_timeout": timedelta(seconds=min(policy.seconds, 5)),
        }
        retries: Any = {"max_retries": 1, "retry_timeout": timedelta(seconds=policy.seconds)}
        options: dict[str, Any] = {"client_options": client, "retry_config": retries}
        self._store: Any = self._done(lambda: store.from_url(f"s3://{self._bucket}", **options))

    def listed(self) -> Sequence[Listed]:
        """The objects below the prefix, each with its ETag."""

        def look() -> list[Listed]:
            found: list[Listed] = []
            for batch in self._objects.list(self._store, self._prefix or None):
                found += [self._listed(each) for each in batch]
                if len(found) > MOST_FILES:
                    break
            return found

        return self._done(look)

    def _listed(self, found: Any) -> Listed:
        name = str(found["path"])[len(self._prefix) :].lstrip("/") if self._prefix else str(found["path"])
        stamp = found["e_tag"] or f"{found['size']} {found['last_modified'].isoformat()}"
        return Listed(name, stamp, int(found["size"]))

    def read(self, name: str) -> bytes:
        """The bytes of an object."""
        path = f"{self._prefix}/{name}" if self._prefix else name
        data = self._done(lambda: bytes(self._objects.get(self._store, path).bytes()))
        if len(data) > self._most:
            raise FetchError(f"the document is larger than {self._most} bytes")
        return data

    def _done(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except FileNotFoundError:
            raise GoneError("there is no such object or bucket: check the address") from None
        except (self._failures, OSError, ValueError) as error:
            raise FetchError(f"the bucket {self._bucket} can't be read ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """What went wrong, without what the store answered: it may hold names of keys."""
    if isinstance(error, PermissionError) or "Denied" in type(error).__name__:
        return "the keys are refused: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, socket.gaierror):
        return "its host is not known"
    return f"{type(error).__name__}: check the address, the keys and the network"
