"""Measurements: of this project, and of it beside others."""
