"""What formats share: characters, markup, lay-out, dates, and the metadata of an article."""
