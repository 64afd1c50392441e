"""Passages for a question, and how many of them are read."""
