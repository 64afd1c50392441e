from pathlib import Path

import pytest

from index.collection import network_disk as module
from index.collection.network_disk import network_disk
from index.collection.store import Collection, CollectionError

MOUNTS = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 22 0:30 / /srv rw shared:2 - nfs4 files.example.org:/srv rw,vers=4.2
37 36 254:1 / /srv/own rw - xfs /dev/vdb rw
38 22 0:31 / /mnt/two\040words rw - cifs //files.example.org/x rw
39 22 0:32 / /mnt/Müller rw - smb3 //files.example.org/y rw
a line of another kind
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", None),
        ("/srv", "nfs4"),
        ("/srv/news/data", "nfs4"),
        ("/srv/own/data", None),
        ("/srvother", None),
        ("/mnt/two words/data", "cifs"),
        ("/mnt/Müller/data", "smb3"),
    ],
)
def test_the_nearest_mount_tells(tmp_path: Path, folder: str, kind: str | None) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert network_disk(Path(folder), tmp_path / "mounts") == kind


def test_a_system_that_does_not_tell_is_trusted(tmp_path: Path) -> None:
    assert network_disk(tmp_path, tmp_path / "nowhere") is None


def test_a_collection_is_not_kept_on_a_network_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mounts").write_text(f"36 22 0:30 / {tmp_path} rw - nfs4 files.example.org:/srv rw\n")
    monkeypatch.setattr(module.network_disk, "__defaults__", (tmp_path / "mounts",))
    with pytest.raises(CollectionError, match=r"network file system \(nfs4\)") as raised:
        Collection(tmp_path / "data")
    assert raised.value.code == "network_disk"
    assert not (tmp_path / "data" / "collection.sqlite").exists()
