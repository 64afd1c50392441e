"""Whether a folder is on a disk that other machines share, where SQLite's write-ahead log does not hold."""

import re
from pathlib import Path

_SHARED = frozenset(
    {
        "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "fuse.gcsfuse", "gfs2",
        "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "ocfs2", "smb3", "smbfs",
    }
)  # fmt: skip
_OCTAL = re.compile(r"\\([0-7]{3})")
"""How blanks stand in names."""

_MOUNTS = Path("/proc/self/mountinfo")


def network_disk(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of the network file system that ``folder`` is on; None on another, or where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        place = folder.resolve()
    except OSError:
        return None
    found = ("", "")
    for line in lines:
        before, _, behind = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not behind:
            continue
        mount = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
        if place.is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, behind.split()[0])
    return found[1] if found[1] in _SHARED else None
