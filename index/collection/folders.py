"""The collections of a data folder: each has an index, written documents and settings of its own.

The one named ``default`` lies in the data folder itself, the others in folders below ``collections/``. One is there
when its folder has the file that describes it. It is made whole under another name and then renamed; deleting it begins
with that file, and changing its settings replaces it. So whatever dies when, there is a whole collection or a folder
without that file, which is removed.
"""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.collection.locked import locked
from index.errors import PullquoteError
from index.owner_only import make_file, make_folder
from index.storage.versions import sync

DEFAULT = "default"
FOLDER = "collections"
NAME_PATTERN = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"

_FILE = "collection.json"
_NEW, _DELETED = ".new-", ".deleted-"
_NEW_SECONDS = 60.0
"""One that is being made is finished long before."""

Mark = tuple[int, int, int]


class CollectionNameError(PullquoteError, ValueError):
    """No collection can have this name."""

    code = "bad_collection_name"


class CollectionExistsError(PullquoteError, ValueError):
    """There is a collection of this name already."""

    code = "collection_exists"


class CollectionNotFoundError(PullquoteError, LookupError):
    """There is no collection of this name."""

    code = "collection_not_found"


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a collection: when it was made, in seconds since 1970 (None: with the data folder), its own
    settings, by name, and whether it is a replica of one elsewhere.
    """

    name: str
    created: float | None
    settings: Mapping[str, Any]
    is_replica: bool = False


class CollectionFolders:
    """The collections in one data folder, for all processes."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / FOLDER

    def names(self) -> list[str]:
        """The names of all collections but the default one, in their order."""
        try:
            found = os.listdir(self._folder)
        except OSError:
            return []
        return sorted(name for name in found if re.fullmatch(NAME_PATTERN, name) and self.mark(name))

    def path(self, name: str) -> Path:
        """The folder of a collection, which need not be there."""
        return self._data_dir if name == DEFAULT else self._folder / name

    def mark(self, name: str) -> Mark | None:
        """What is another once a collection has other settings, or another has its name; None when there is none."""
        if name == DEFAULT:
            return (0, 0, 0)
        if not re.fullmatch(NAME_PATTERN, name):
            return None
        try:
            found = (self.path(name) / _FILE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_ctime_ns, found.st_mtime_ns

    def _insist(self, name: str, unless_default: str) -> None:
        """That there is a collection of this name, and that it is not the default one.

        :raises CollectionNameError: with ``unless_default``, for the default one.
        :raises CollectionNotFoundError: when there is none.
        """
        if name == DEFAULT:
            raise CollectionNameError(unless_default)
        if not self.mark(name):
            raise CollectionNotFoundError(f"there is no collection {name[:100]!r}")

    def read(self, name: str) -> Description:
        """What is known of a collection.

        :raises CollectionNotFoundError: when there is none.
        """
        if name == DEFAULT:
            return Description(DEFAULT, None, {})
        try:
            if self.mark(name):
                kept = json.loads((self.path(name) / _FILE).read_text(encoding="utf-8"))
                created, own = float(kept["created"]), dict(kept["settings"])
                return Description(name, created, own, is_replica=bool(kept.get("is_replica")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CollectionNotFoundError(f"the collection {name!r} can't be read ({error})") from None
        raise CollectionNotFoundError(f"there is no collection {name[:100]!r}")

    def create(
        self, name: str, settings: Mapping[str, Any], created: float | None = None, is_replica: bool = False
    ) -> Description:
        """Make an empty collection.

        :param created: when the one was made that it is a copy of; None: it is new.
        :raises CollectionNameError: when none can have this name.
        :raises CollectionExistsError: when there is one.
        :raises OSError: when it can't be made.
        """
        if not re.fullmatch(NAME_PATTERN, name):
            raise CollectionNameError(
                f"{name[:100]!r} can't be the name of a collection: take 1 to 63 of a-z 0-9 _ -, with a letter or "
                "digit first and last"
            )
        taken = CollectionExistsError(f"there is a collection {name!r} already")
        if self.mark(name):
            raise taken
        make_folder(self._folder)
        self._remove(self.path(name))
        made = Path(tempfile.mkdtemp(prefix=_NEW, dir=self._folder))
        try:
            described = Description(name, time.time() if created is None else created, settings, is_replica)
            _describe(made, described)
            try:
                os.rename(made, self.path(name))
            except OSError:
                if self.mark(name):
                    raise taken from None
                raise
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        sync(self._folder)
        return described

    def change(self, name: str, changes: Mapping[str, Any]) -> Description:
        """Change settings of a collection. Those that are not named stay.

        :param changes: the new values, by name; None: no more one of its own, but that of the service.
        :raises CollectionNameError: for the default one, which has the settings of the service.
        :raises CollectionNotFoundError: when there is none.
        :raises OSError: when it can't be written.
        """
        self._insist(name, "the default collection has the settings of the service: change those")
        try:
            with locked(self.path(name)):
                found = self.read(name)
                changed = {**found.settings, **changes}
                kept = {setting: value for setting, value in changed.items() if value is not None}
                described = replace(found, settings=kept)
                _describe(self.path(name), described)
        except FileNotFoundError:
            raise CollectionNotFoundError(f"the collection {name!r} was deleted just now") from None
        return described

    def delete(self, name: str) -> None:
        """Remove a collection with all that is in it, from the disk, too. Processes that use it lose it.

        :raises CollectionNameError: for the default one, which stays.
        :raises CollectionNotFoundError: when there is none.
        :raises OSError: when it can't be removed.
        """
        self._insist(name, "the default collection can't be deleted: delete its articles")
        try:
            os.unlink(self.path(name) / _FILE)
        except FileNotFoundError:
            raise CollectionNotFoundError(f"there is no collection {name!r}") from None
        with suppress(FileNotFoundError):  # whoever removes what others left was faster
            sync(self.path(name))
        self._remove(self.path(name))

    def left_overs(self) -> list[Path]:
        """Folders of collections that were deleted, or were never finished, when their process died."""
        try:
            found = sorted(self._folder.iterdir())
        except OSError:
            return []
        return [path for path in found if self._is_left_over(path)]

    def remove_left_overs(self) -> list[Path]:
        """Remove them."""
        found = self.left_overs()
        for path in found:
            self._remove(path)
        return found

    def _is_left_over(self, path: Path) -> bool:
        if path.name.startswith(_NEW):
            with suppress(OSError):
                return time.time() - path.stat().st_mtime > _NEW_SECONDS
            return False
        return path.name.startswith(_DELETED) or (
            re.fullmatch(NAME_PATTERN, path.name) is not None and not self.mark(path.name)
        )

    def _remove(self, folder: Path) -> None:
        """Remove a folder: at once under its name, then what is in it."""
        gone = folder
        if not folder.name.startswith(_DELETED):
            gone = self._folder / f"{_DELETED}{folder.name}-{os.getpid()}-{time.monotonic_ns()}"
            try:
                os.rename(folder, gone)
            except FileNotFoundError:
                return
        shutil.rmtree(gone, ignore_errors=True)


def _describe(folder: Path, description: Description) -> None:
    """Write down what is known of a collection, whole or not at all."""
    new = folder / f".{_FILE}"
    make_file(new)
    kept = {"created": description.created, "settings": dict(description.settings)}
    new.write_text(json.dumps({**kept, **({"is_replica": True} if description.is_replica else {})}), encoding="utf-8")
    sync(new)
    os.replace(new, folder / _FILE)
    sync(folder)
