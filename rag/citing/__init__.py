"""Exact quotes with their addresses, and quotes found again."""
