"""Files, folders and web addresses as sources: found, fetched, read, and compared with what was read before."""
