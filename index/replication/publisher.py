"""Publishing the current version of an index into a bucket, by the one builder whose bucket it is."""

import json
import time
import uuid
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from index.owner_only import make_file
from index.replication.bucket import Bucket, BucketError
from index.replication.publications import Publication, drop_all_but, latest, stored_as
from index.sharding.layout import LIST, WORDS, Layout, is_sharded, shard_folder
from index.sharding.sharded import open_corpus
from index.storage.snapshot import FileSum, Manifest
from index.storage.versions import Versions

_FILE = "publisher.json"


class Publisher:
    """Publishes the versions of one data folder.

    :param address: where the service of the builder is reached, for replicas to tell.
    :param delay: seconds from a publication to the moment when all replicas switch to it; they have to pull until then.
    """

    def __init__(self, bucket: Bucket, versions: Versions, address: str | None = None, delay: float = 5.0) -> None:
        self._bucket = bucket
        self._versions = versions
        self._address = address
        self._delay = delay
        self._file = versions.folder / _FILE

    def publish(self, wait: bool = False) -> Publication | None:
        """Publish the current version unless it is what was published last: files first, then the publication.

        While replicas wait for the moment of the publication before, there is nothing to publish: so all of them see
        each version that any of them sees. Versions that are no longer here are removed from the bucket, too.

        :param wait: for that moment, instead of publishing nothing.
        :raises BucketError: when the bucket can't be used, or another builder publishes into it.
        :raises SnapshotError: when there is no version, or it is damaged.
        """
        last = self.last_of_ours()
        if wait and last:
            time.sleep(max(0.0, last.switch_at - time.time()))
        with open_corpus(self._versions, verify=False) as corpus:
            manifest = corpus.manifest
            if last and (last.version == manifest.version or last.switch_at > time.time()):
                drop_all_but(self._bucket, self._versions.names())
                return None
            folder = self._versions.path(manifest.version)
            made = Publication(
                number=last.number + 1 if last else 1,
                version=manifest.version,
                switch_at=0.0,
                publisher=self.identity,
                address=self._address,
                manifest=asdict(manifest),
                shards=_shards(folder) if is_sharded(folder) else None,
            )
            for name, sums in made.files():
                if self._bucket.size(stored_as(sums)) != sums.bytes:
                    self._bucket.put(stored_as(sums), folder / name)
            made = replace(made, switch_at=time.time() + self._delay)
            if not self._bucket.create(made.name, made.json()) and self._bucket.read(made.name) != made.json():
                raise self._another(made.number)
        drop_all_but(self._bucket, self._versions.names())
        return made

    @property
    def identity(self) -> str:
        """What this data folder is known by in publications."""
        return str(self._identity()["publisher"])

    def last_of_ours(self) -> Publication | None:
        """The newest publication; None where nothing was published yet.

        :raises BucketError: when another builder made it.
        """
        known = self._identity()
        last = next(iter(latest(self._bucket, 1)), None)
        if last and last.publisher != known["publisher"] and last.number != known.get("after"):
            raise self._another(last.number)
        return last

    def take_over(self) -> None:
        """Go on from the newest publication, whoever made it: that builder will be told that another publishes."""
        last = next(iter(latest(self._bucket, 1)), None)
        self._write({**self._identity(), "after": last.number if last else None})

    def _identity(self) -> dict[str, object]:
        try:
            known: dict[str, object] = json.loads(self._file.read_text(encoding="utf-8"))
            return {"publisher": str(known["publisher"]), "after": known.get("after")}
        except FileNotFoundError:
            return self._write({"publisher": uuid.uuid4().hex, "after": None})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BucketError(f"{self._file} can't be read ({error})") from None

    def _write(self, known: dict[str, object]) -> dict[str, object]:
        make_file(self._file)
        self._file.write_text(json.dumps(known), encoding="utf-8")
        return known

    def _another(self, number: int) -> BucketError:
        return BucketError(
            f"another builder publishes into {self._bucket.url} (publication {number} is not by this data folder)",
            "another_builder",
        )


def _shards(folder: Path) -> dict[str, Any]:
    """What a publication has of the shards of the version in ``folder``."""
    numbers = range(len(Layout.read(folder).parts))
    return {
        "files": {name: asdict(FileSum.of(folder / name)) for name in (LIST, WORDS)},
        "manifests": [asdict(Manifest.read(shard_folder(folder, number))) for number in numbers],
    }
