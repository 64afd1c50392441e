"""The formats, one module each, and the registry that finds them by their place in this folder."""
