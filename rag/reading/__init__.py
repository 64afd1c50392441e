"""The reader: spans of passages that could answer a question."""
