"""Spans become candidates, in order and with a confidence."""
