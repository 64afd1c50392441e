"""The files of a folder elsewhere, as documents of a build: what did not change is not fetched."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from index.formats import registry
from index.parsing.types import LoadError, Origin
from index.sources.bucket_folder import BucketFolder
from index.sources.documents import DocumentReader
from index.sources.expand import SIDECAR, without_suffix
from index.sources.fetch import FetchError, FetchPolicy
from index.sources.folders import MOST_FILES, Folder, Listed
from index.sources.intake import LoadedParts, Unread
from index.sources.mailbox import Mailbox
from index.sources.reading import Reading
from index.sources.sidecar import read_described
from index.sources.webdav_folder import WebDavFolder

_KINDS: dict[str, Callable[[str, FetchPolicy], Folder]] = {
    "s3": BucketFolder,
    "webdav": WebDavFolder,
    "webdavs": WebDavFolder,
    "imap": Mailbox,
    "imaps": Mailbox,
}
"""What opens a folder, by what its address begins with."""


def folder_files(address: str, policy: FetchPolicy, documents: DocumentReader) -> list[Unread]:
    """The files in the folder at an address and in those below it, by name; none that is hidden.

    :raises FetchError: if it can't be listed, or holds too many files.
    """
    folder = _KINDS[address.partition("://")[0]](address, policy)
    listed = {each.name: each for each in folder.listed() if not _is_hidden(each.name)}
    if len(listed) > MOST_FILES:
        raise FetchError(f"the folder holds more than {MOST_FILES:,} files: name folders in it instead")
    beside = {name: found for name, found in listed.items() if name.endswith(SIDECAR)}
    files: list[Unread] = []
    for name in sorted(listed.keys() - beside.keys()):
        about = (beside.get(name + SIDECAR), beside.get(without_suffix(name) + SIDECAR))
        sidecar = next(filter(None, about), None)
        files.append(_FolderFile(f"{address}/{name}", listed[name], sidecar, folder, policy, documents))
    return files


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


@dataclass(slots=True)
class _FolderFile:
    """A file of a folder elsewhere, with the file of metadata beside it. Its hash is that of their stamps."""

    key: str
    listed: Listed
    sidecar: Listed | None
    folder: Folder
    policy: FetchPolicy
    documents: DocumentReader
    _data: bytes | None = field(default=None, repr=False)

    @property
    def _origin(self) -> Origin:
        return Origin(key=self.key, path=None if self.listed.media_type else self.listed.name)

    def sha256(self) -> str:
        stamps = [self.listed.stamp, *([self.sidecar.stamp] if self.sidecar else [])]
        return hashlib.sha256("\0".join(stamps).encode()).hexdigest()

    def begin(self, reading: Reading, /) -> None:
        with suppress(LoadError, FetchError):
            registry.find_format(self._origin, self.listed.media_type)
            self._data = self._fetched(self.listed)
            reading.begin(self._data, self._origin, self.listed.media_type)

    def load(self, _: Reading | None = None, /) -> LoadedParts:
        before = self.documents.listed
        try:
            registry.find_format(self._origin, self.listed.media_type)
        except LoadError as error:
            return self.sha256(), [error]
        try:
            data = self._data if self._data is not None else self._fetched(self.listed)
            sidecar = self._fetched(self.sidecar) if self.sidecar else None
        except FetchError as error:
            return None, [LoadError(str(error), error.code)]
        self._data = None
        parts = read_described(self.documents, data, sidecar, self._origin, self.listed.media_type)
        return (self.sha256() if self.documents.listed == before else None), parts

    def _fetched(self, file: Listed) -> bytes:
        if file.size > self.policy.max_bytes:
            raise FetchError(f"the document is larger than {self.policy.max_bytes} bytes")
        return self.folder.read(file.name)
