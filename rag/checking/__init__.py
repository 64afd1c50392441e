"""The sentences of a text are compared with what the articles say."""
