"""What a service does for others on other machines: a builder publishes into a bucket, a replica follows one.

Of all the service processes on one data folder, the one that holds a lock does it.
"""

import logging
import time

from api.runtime.erasing import forget_words
from api.runtime.leading import Leading
from api.runtime.service import open_book
from api.settings import Settings
from index.owner_only import make_folder
from index.replication.backup import back_up, state
from index.replication.bucket import Bucket
from index.replication.follower import Followed, Follower, followed
from index.replication.publisher import Publisher
from index.storage.versions import Versions

_LOCK = "replication.lock"
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_CLEARANCES = 60.0
_SECONDS_BETWEEN_BACKUPS = 30.0
_GRACE_SECONDS = 10.0
"""Seconds that a replica may be late before it is not ready any more."""

_log = logging.getLogger("pullquote.replication")


class Publishing:
    """Publishes every version of a builder, and backs up its collection. Call :meth:`tend` from one thread at a time.

    :raises BucketError: from here on, when the address of the bucket can't be used.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        self._data_dir = settings.data_dir
        self._versions = Versions(settings.index_dir)
        self._bucket = Bucket(url)
        self._publisher = Publisher(self._bucket, self._versions, settings.public_url, settings.publish_delay)
        self._leading = Leading(settings.data_dir / _LOCK)
        self._known: object = None
        self._look_at = self._clear_at = self._back_up_at = 0.0
        self._backed_up: object = None

    def tend(self) -> None:
        """Publish what is new; now and then, back up what was written and remove what is no longer here.

        :raises BucketError: when the bucket can't be used, or another builder publishes into it.
        """
        now = time.monotonic()
        if now < self._look_at or not self._leading.is_ours():
            return
        self._look_at = now + _SECONDS_BETWEEN_LOOKS
        here = (self._versions.current(), self._versions.names())
        if here[0] and (here != self._known or now >= self._clear_at):
            self._clear_at = now + _SECONDS_BETWEEN_CLEARANCES
            made = self._publisher.publish()
            if made:
                _log.info("version %s is published as number %s", made.version, made.number)
            last = self._publisher.last_of_ours()
            if last and last.version == here[0].name:
                self._known = here
        if now >= self._back_up_at:
            self._back_up()

    def close(self) -> None:
        """Back up what was written since the last time."""
        try:
            if self._leading.is_ours():
                self._back_up()
        finally:
            self._leading.close()

    def _back_up(self) -> None:
        found = state(self._data_dir)
        if not found or found == self._backed_up:
            return
        self._publisher.last_of_ours()  # raises where the bucket is another's
        self._back_up_at = time.monotonic() + _SECONDS_BETWEEN_BACKUPS
        back_up(self._data_dir, self._bucket)
        self._backed_up = found


class Following:
    """Keeps a replica's folder as the bucket has it. Call :meth:`tend` from one thread at a time.

    :raises BucketError: from here on, when the address of the bucket can't be used.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        make_folder(settings.data_dir)
        self._versions, self._book = Versions(settings.index_dir), open_book(settings)
        self._follower = Follower(Bucket(url), self._versions)
        self._leading = Leading(settings.data_dir / _LOCK)

    def tend(self) -> None:
        """Pull what is new, and switch to it when its moment has come. With versions, words go that were kept of them.

        :raises BucketError: when the bucket can't be used; what is open goes on answering.
        :raises QuestionBookError: when what is kept of questions can't be changed.
        """
        if self._leading.is_ours() and self._follower.follow():
            forget_words(self._book, self._versions)

    def close(self) -> None:
        """Follow no more."""
        self._leading.close()


def late(settings: Settings, version: str) -> Followed | None:
    """What a replica should be answering from for a while now, when that is not ``version``."""
    known = followed(Versions(settings.index_dir)) if settings.follow else None
    return known if known and known.is_late(version, _GRACE_SECONDS) else None


def builder_of(settings: Settings) -> str:
    """Where changes go instead of this replica, in words."""
    known = followed(Versions(settings.index_dir))
    return known.address if known and known.address else "the service that it follows"
