"""Floor 1: articles become passages, passages become vectors, and all of it one searchable snapshot on disk."""
