"""The collections of a service process: each has its index and its builds, and all share the models.

Other processes and commands make and delete collections, too. One is looked up on the disk whenever it is asked for.
"""

import logging
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from api.http.errors import Problem
from api.questions.book import QuestionBook
from api.runtime.build_supervisor import Builds
from api.runtime.current_index import CurrentIndex
from api.runtime.each import for_each
from api.runtime.service import Models, open_book
from api.settings import Settings, settings_of
from index.collection.export import remove_left_exports
from index.collection.folders import DEFAULT, CollectionFolders, CollectionNotFoundError, Mark
from index.collection.store import Collection

_log = logging.getLogger("pullquote")


@dataclass(frozen=True, slots=True)
class OpenCollection:
    """A collection that is served. ``written`` is None when it can't be opened: then no changes are taken."""

    mark: Mark | None
    created: float | None
    settings: Settings
    index: CurrentIndex
    written: Collection | None
    builds: Builds | None
    book: QuestionBook


class Collections:
    """The collections of the data folder, opened when they are first asked for.

    :meth:`refresh` and :meth:`tend` are called again and again, each by one thread at a time, the rest by any.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folders = CollectionFolders(settings.data_dir)
        self._models = Models(settings)
        self._lock = threading.RLock()
        self._open: dict[str, OpenCollection] = {}
        self._left_indexes: list[CurrentIndex] = []
        self._left_builds: list[Builds] = []
        """Those of collections that are not there any more; whoever looks after them closes them."""
        self._built_last = DEFAULT
        self.default = self.get(DEFAULT)

    def names(self) -> list[str]:
        """The names of all collections, the default one first."""
        return [DEFAULT, *self._folders.names()]

    def get(self, name: str) -> OpenCollection:
        """The collection of this name.

        :raises CollectionNotFoundError: when there is none, or its description can't be used.
        """
        with self._lock:
            mark, found = self._folders.mark(name), self._open.get(name)
            if found and found.mark == mark:
                return found
            try:
                created, settings = self._folders.read(name).created, self._settings_of(name)
            except CollectionNotFoundError:
                self._leave(name)
                raise
            if found and found.created == created:
                if found.builds:
                    found.builds.settings = settings
                self._open[name] = replace(found, mark=mark, settings=settings)
            else:
                self._leave(name)
                self._open[name] = self._opened(mark, created, settings)
            return self._open[name]

    def create(self, name: str, own: Mapping[str, Any]) -> OpenCollection:
        """Make a collection.

        :param own: settings that it has in place of those of the service.
        :raises CollectionNameError: when none can have this name.
        :raises CollectionExistsError: when there is one.
        :raises OSError: when it can't be made.
        """
        self._folders.create(name, own)
        return self.get(name)

    def change(self, name: str, changes: Mapping[str, Any]) -> OpenCollection:
        """Change settings of a collection, from now on. Its index stays open; a build that runs goes on as it began.

        :param changes: the new values, by name; None: that of the service.
        :raises CollectionNameError: for the default one.
        :raises CollectionNotFoundError: when there is none.
        :raises OSError: when it can't be written.
        """
        self._folders.change(name, changes)
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove a collection and all that is in it. Questions under way are answered to their end.

        :raises CollectionNameError: for the default one.
        :raises CollectionNotFoundError: when there is none.
        :raises OSError: when it can't be removed.
        """
        self._folders.delete(name)
        with self._lock:
            self._leave(name)

    def described(self, name: str) -> tuple[float | None, Mapping[str, Any]]:
        """When a collection was made, in seconds since 1970, and its own settings.

        :raises CollectionNotFoundError: when there is none.
        """
        found = self._folders.read(name)
        return found.created, found.settings

    def any_answers(self) -> bool:
        """Whether the index of a collection is open."""
        with self._lock:
            return any(each.index.reason is None for each in self._open.values())

    def answering(self) -> list[tuple[Settings, str]]:
        """Of each collection whose index is open, the settings and the version that answers."""
        with self._lock:
            every = list(self._open.values())
        found = []
        for each in every:
            with suppress(Problem), each.index.lease() as service:
                found.append((each.settings, service.version))
        return found

    def refresh(self) -> None:
        """Let every collection take its current version, and close the indexes of those that are gone."""
        self._forget_deleted()
        while self._left_indexes:
            self._left_indexes.pop().close()
        for_each(lambda each: each.index.refresh(), self._all())

    def tend(self) -> None:
        """Look after the builds of all collections, which take turns: one runs at a time."""
        while self._left_builds:
            with suppress(OSError, sqlite3.Error):
                self._left_builds.pop().close()
        first = self.default.builds
        if first is None:
            return
        everyone = {each.settings.collection: each.builds for each in self._all() if each.builds}
        self._tend(DEFAULT, first, everyone)
        if not first.leads:
            return
        self._folders.remove_left_overs()
        names = sorted(everyone)
        begin = names.index(self._built_last) + 1 if self._built_last in names else 0
        turns = [name for name in names[begin:] + names[:begin] if name != DEFAULT]
        for_each(lambda name: self._tend(name, everyone[name], everyone), turns)

    def close_builds(self) -> None:
        """End the builds that run; their jobs wait for the next service."""
        for builds in [*self._left_builds, *(each.builds for each in self._all())]:
            if builds:
                with suppress(OSError, sqlite3.Error):
                    builds.close()

    def close(self) -> None:
        """Close every index when its last lease ends."""
        for index in [*self._left_indexes, *(each.index for each in self._all())]:
            index.close()

    def _all(self) -> list[OpenCollection]:
        """Every collection, opened."""
        found = []
        for name in self.names():
            try:
                found.append(self.get(name))
            except CollectionNotFoundError as error:
                _log.debug("%s", error)
        return found

    def _tend(self, name: str, builds: Builds, everyone: Mapping[str, Builds]) -> None:
        is_free = not any(each.is_building for each in everyone.values())
        builds.tend(may_begin=is_free)
        if is_free and builds.is_building:
            self._built_last = name

    def _forget_deleted(self) -> None:
        with self._lock:
            for name in list(self._open):
                with suppress(CollectionNotFoundError):  # then it is closed
                    self.get(name)

    def _leave(self, name: str) -> None:
        gone = self._open.pop(name, None)
        if gone:
            self._left_indexes.append(gone.index)
            if gone.builds:
                self._left_builds.append(gone.builds)

    def _settings_of(self, name: str) -> Settings:
        try:
            return settings_of(self._settings, name)
        except ValidationError as error:
            raise CollectionNotFoundError(f"the settings of the collection {name!r} can't be used ({error})") from None

    def _opened(self, mark: Mark | None, created: float | None, settings: Settings) -> OpenCollection:
        for left in remove_left_exports(settings.folder):
            _log.info("removed %s, which an export left behind", left)
        written = _written(settings)
        builds = Builds(settings, written) if written else None
        return OpenCollection(
            mark, created, settings, CurrentIndex(settings, self._models), written, builds, open_book(settings)
        )


def _written(settings: Settings) -> Collection | None:
    """What the service was given; a replica, and one without a place to keep it, answers and takes no changes."""
    if settings.follow:
        return None
    try:
        return Collection(settings.folder)
    except OSError as error:
        _log.error("no changes are taken: %s", error)
        return None
