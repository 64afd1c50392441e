"""What a service does for others on other machines: a builder publishes into a bucket, a replica follows one.

Of all the service processes on one data folder, the one that holds a lock does it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from api.access.keys import KeyStore
from api.http.requests import CollectionSettings
from api.runtime.each import for_each
from api.runtime.erasing import forget_words
from api.runtime.leading import Leading
from api.runtime.service import open_book
from api.runtime.shards import on_ray
from api.settings import Settings, settings_of
from index.collection.folders import DEFAULT, CollectionFolders, Description
from index.owner_only import make_folder
from index.replication.backup import back_up, state
from index.replication.bucket import Bucket
from index.replication.collections import (
    bucket_of,
    describe,
    owner_of,
    shared,
    surplus,
    take,
    withdraw_deleted,
)
from index.replication.follower import Followed, Follower, followed
from index.replication.publisher import Publisher
from index.storage.versions import Versions

_LOCK = "replication.lock"
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_CLEARANCES = 60.0
_SECONDS_BETWEEN_BACKUPS = 30.0
_SECONDS_BETWEEN_MATCHES = 10.0
_PULLED_AT_A_TIME = 8
_GRACE_SECONDS = 10.0
"""Seconds that a replica may be late before it is not ready any more."""

_log = logging.getLogger("pullquote.replication")


class Publishing:
    """Publishes every version of a builder, of each collection, and backs up what was written. Call :meth:`tend` from
    one thread at a time.

    :raises BucketError: from here on, when the address of the bucket can't be used.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._folders = CollectionFolders(settings.data_dir)
        self._bucket = Bucket(url)
        self._leading = Leading(settings.data_dir / _LOCK)
        self._collections: dict[str, _Published] = {}
        self._marks: dict[str, object] = {}
        self._look_at = self._clear_at = 0.0

    def tend(self) -> None:
        """Publish what is new; now and then, back up what was written and remove what is no longer here. A collection
        that can't be published stops no other.

        :raises BucketError: when the bucket can't be used, or another builder publishes into it.
        """
        now = time.monotonic()
        if now < self._look_at or not self._leading.is_ours():
            return
        self._look_at = now + _SECONDS_BETWEEN_LOOKS
        names = [DEFAULT, *self._folders.names()]
        marks: dict[str, object] = {name: self._folders.mark(name) for name in names}
        if marks != self._marks or now >= self._clear_at:
            for name in withdraw_deleted(self._bucket, self._folders, self._owner()):
                _log.info("the collection %s is published no more", name)
            self._marks, self._clear_at = marks, now + _SECONDS_BETWEEN_CLEARANCES
        self._collections = {name: self._collections.get(name) or self._published(name) for name in names}
        for_each(lambda each: each.tend(), self._collections.values())

    def close(self) -> None:
        """Back up what was written since the last time."""
        try:
            if self._leading.is_ours():
                for_each(lambda each: each.back_up(), self._collections.values())
        finally:
            self._leading.close()

    def _owner(self) -> str:
        return owner_of(self._settings.data_dir, self._bucket)

    def _published(self, name: str) -> "_Published":
        return _Published(self._settings, self._folders, name, self._bucket, self._owner())


class _Published:
    """A collection that is published."""

    def __init__(self, settings: Settings, folders: CollectionFolders, name: str, whole: Bucket, owner: str) -> None:
        self._folders, self._name, self._whole, self._owner = folders, name, whole, owner
        self._folder = folders.path(name)
        self._versions = Versions(self._folder / "index")
        self._bucket = bucket_of(whole, name)
        self._publisher = Publisher(self._bucket, self._versions, settings.public_url, settings.publish_delay)
        self._known: object = None
        self._described: Description | None = None
        self._clear_at = self._back_up_at = 0.0
        self._backed_up: object = None

    def tend(self) -> None:
        """As :meth:`Publishing.tend`, for this one."""
        now = time.monotonic()
        here = (self._versions.current(), self._versions.names())
        if here[0] and (here != self._known or now >= self._clear_at):
            self._clear_at = now + _SECONDS_BETWEEN_CLEARANCES
            made = self._publisher.publish()
            if made:
                _log.info("version %s of %s is published as number %s", made.version, self._name, made.number)
            last = self._publisher.last_of_ours()
            if last and last.version == here[0].name:
                self._known = here
        if here[0] and self._name != DEFAULT:
            self._describe()
        if now >= self._back_up_at:
            self.back_up()

    def back_up(self) -> None:
        """Copy what was written, if it is another than the last time."""
        found = state(self._folder)
        if not found or found == self._backed_up:
            return
        self._publisher.last_of_ours()  # raises where the bucket is another's
        self._back_up_at = time.monotonic() + _SECONDS_BETWEEN_BACKUPS
        back_up(self._folder, self._bucket)
        self._backed_up = found

    def _describe(self) -> None:
        described = self._folders.read(self._name)
        if described != self._described:
            self._publisher.last_of_ours()
            describe(self._whole, described, self._owner)
            self._described = described


class Following:
    """Keeps a replica's folder as the bucket has it, with all collections. Call :meth:`tend` from one thread at a time.

    Each collection is followed on a thread of its own, so that what one has to pull keeps no other from switching.

    :raises BucketError: from here on, when the address of the bucket can't be used.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        make_folder(settings.data_dir)
        self._settings = settings
        self._folders = CollectionFolders(settings.data_dir)
        self._bucket = Bucket(url)
        self._followed = {DEFAULT: _Followed(settings, self._bucket)}
        self._leading = Leading(settings.data_dir / _LOCK)
        self._threads = ThreadPoolExecutor(_PULLED_AT_A_TIME, thread_name_prefix="following")
        self._match_at = 0.0

    def tend(self) -> None:
        """Pull what is new, and switch to it when its moment has come. With versions, words go that were kept of them.
        A collection that can't be followed stops no other.

        :raises BucketError: when the bucket can't be used; what is open goes on answering.
        :raises QuestionBookError: when what is kept of questions can't be changed.
        """
        if not self._leading.is_ours():
            return
        works: list[Callable[[], None]] = [partial(each.tend, self._threads) for each in self._followed.values()]
        if time.monotonic() >= self._match_at:
            self._match_at = time.monotonic() + _SECONDS_BETWEEN_MATCHES
            works.append(self._match)
        for_each(lambda work: work(), works)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being pulled, of any collection."""
        return all(each.is_idle for each in self._followed.values())

    def close(self) -> None:
        """Follow no more."""
        self._threads.shutdown(cancel_futures=True)
        self._leading.close()

    def _match(self) -> None:
        """Have the collections that the bucket has, with their settings, and no other replica."""
        found = {name: replace(each, settings=_own(each.settings)) for name, each in shared(self._bucket).items()}
        for name in surplus(found, self._folders):
            known = self._followed.get(name)
            if known is None or known.is_idle:  # else the next time
                self._followed.pop(name, None)
                KeyStore(self._settings.data_dir).forget_collection(name)
                self._folders.delete(name)
                _log.info("the collection %s is followed no more", name)
        self._folders.remove_left_overs()
        try:
            take(found, self._folders)
        finally:
            for_each(self._follow, (name for name in self._folders.names() if name in found))

    def _follow(self, name: str) -> None:
        if name not in self._followed and self._folders.read(name).is_replica:
            own = settings_of(self._settings, name)
            self._followed[name] = _Followed(own, bucket_of(self._bucket, name))


class _Followed:
    """A collection that is followed."""

    def __init__(self, settings: Settings, bucket: Bucket) -> None:
        self._versions, self._book = Versions(settings.index_dir), open_book(settings)
        self._cluster = on_ray(settings)
        self._follower = Follower(bucket, self._versions, self._cluster.start if self._cluster else None)
        self._has_removed = False
        self._running: Future[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being pulled."""
        return self._running is None or self._running.done()

    def tend(self, threads: Executor) -> None:
        """Look again, unless what is pulled is not there yet.

        :raises Exception: what became of the last time.
        """
        if not self.is_idle:
            return
        last, self._running = self._running, threads.submit(self._once)
        if last:
            last.result()

    def _once(self) -> None:
        self._has_removed |= bool(self._follower.follow())
        if self._has_removed:
            forget_words(self._book, self._versions, connect=self._cluster.connect if self._cluster else None)
            self._has_removed = False


def _own(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a collection may have of its own: whoever can write into the bucket sets no others here."""
    return {name: value for name, value in settings.items() if name in CollectionSettings.model_fields}


def late(settings: Settings, version: str) -> Followed | None:
    """What a replica should be answering from for a while now, when that is not ``version``."""
    known = followed(Versions(settings.index_dir)) if settings.follow else None
    return known if known and known.is_late(version, _GRACE_SECONDS) else None


def builder_of(settings: Settings) -> str:
    """Where changes go instead of this replica, in words."""
    known = followed(Versions(settings.index_dir))
    return known.address if known and known.address else "the service that it follows"
