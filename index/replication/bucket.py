"""A place that several machines share: a bucket of an object store (S3 and what speaks like it), or a folder.

An object comes into being as a whole or not at all, and :meth:`Bucket.create` makes one only where there is none: of
several that try, one succeeds.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from index.errors import PullquoteError
from index.storage.snapshot import FileSum

T = TypeVar("T")

_PIECE = 4 * 2**20
_RETRIES = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_CLIENT = {"allow_http": True, "connect_timeout": timedelta(seconds=5), "timeout": timedelta(minutes=10)}


class BucketError(PullquoteError, RuntimeError):
    """A bucket can't be reached or used, or what is in it is not what was published."""

    code = "bucket_unusable"


class MissingError(BucketError):
    """An object that was published is not in its bucket any more."""

    code = "not_in_bucket"


class Bucket:
    """The objects under one address. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Nothing is asked of the bucket yet.

        :param url: ``s3://BUCKET/PREFIX``, ``gs://…``, ``az://…``, or a folder, with or without ``file://``. Keys and
            the address of the store are those of the environment (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` …).
        :raises BucketError: when it is no such address, or the package ``obstore`` is missing.
        """
        self.url = url.rstrip("/") if "://" in url else str(Path(url).absolute())
        try:
            import obstore
            from obstore import store
        except ImportError:
            message = "buckets need the package obstore, which is not installed (the extra replicas)"
            raise BucketError(message, "extra_missing") from None
        self._objects: Any = obstore
        self._store: Any
        try:
            if "://" not in url or url.startswith("file://"):
                folder = Path(url.removeprefix("file://")).absolute()
                self._store = store.LocalStore(folder, mkdir=True)
            else:
                self._store = self._opened(url)
        except (store_errors(), OSError, ValueError) as error:
            raise BucketError(f"{url} can't be used as a bucket ({_line(error)})") from None

    def _opened(self, url: str) -> Any:
        from obstore import store

        options: dict[str, Any] = {"client_options": _CLIENT, "retry_config": _RETRIES}
        return store.from_url(url, **options)

    def create(self, name: str, content: bytes) -> bool:
        """Make an object where there is none; whether it was made, and not there already."""
        from obstore.exceptions import AlreadyExistsError

        def make() -> bool:
            try:
                self._objects.put(self._store, name, content, mode="create")
            except AlreadyExistsError:
                return False
            return True

        return self._done(make)

    def within(self, folder: str) -> "Bucket":
        """The objects in a folder of the bucket, as a bucket of their own."""
        return Bucket(f"{self.url.rstrip('/')}/{folder}")

    def put(self, name: str, content: Path | bytes) -> None:
        """Make a file, or bytes, an object, in the place of the one that is there."""
        self._done(lambda: self._objects.put(self._store, name, content))

    def size(self, name: str) -> int | None:
        """The bytes of an object; None where there is none."""

        def look() -> int | None:
            try:
                return int(self._objects.head(self._store, name)["size"])
            except FileNotFoundError:
                return None

        return self._done(look)

    def read(self, name: str) -> bytes | None:
        """The content of a small object; None where there is none."""

        def get() -> bytes | None:
            try:
                return bytes(self._objects.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

        return self._done(get)

    def fetch(self, name: str, file: Path, sums: FileSum | None = None) -> None:
        """Write an object into a file.

        :param sums: what it has to be.
        :raises MissingError: when there is no such object.
        :raises BucketError: when it is something else, or the bucket can't be used.
        :raises OSError: when the file can't be written.
        """
        digest, size = hashlib.sha256(), 0
        try:
            with file.open("wb") as target:
                for piece in self._done(lambda: self._found(name)).stream(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    target.write(piece)
        except store_errors() as error:
            raise BucketError(f"{name} in {self.url} can't be read to its end ({_line(error)})") from None
        if sums and FileSum(size, digest.hexdigest()) != sums:
            raise BucketError(f"{name} in {self.url} differs from the checksum that was published with it")

    def _found(self, name: str) -> Any:
        try:
            return self._objects.get(self._store, name)
        except FileNotFoundError:
            raise MissingError(f"{name} is not in {self.url} any more") from None

    def names(self, prefix: str) -> list[str]:
        """The names of the objects in a folder of the bucket, in order."""
        found = self._done(lambda: self._objects.list(self._store, prefix).collect())
        return sorted(str(each["path"]) for each in found)

    def folders(self, prefix: str) -> list[str]:
        """The names of the folders in a folder of the bucket, in order."""
        found = self._done(lambda: self._objects.list_with_delimiter(self._store, prefix))
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in found["common_prefixes"])

    def delete(self, names: list[str]) -> None:
        """Delete objects."""
        if names:
            self._done(lambda: self._objects.delete(self._store, names))

    def _done(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (store_errors(), OSError) as error:
            raise BucketError(f"{self.url} can't be used as a bucket ({_line(error)})", "bucket_unreachable") from None


def store_errors() -> type[Exception]:
    """The errors of the object store that are none of Python's own."""
    from obstore.exceptions import BaseError

    return BaseError


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
