"""One version of the index on the disk, and the versions beside each other."""
