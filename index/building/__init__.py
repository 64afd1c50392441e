"""From articles to a version of the index."""
