"""What an index of a size costs to build, keep and ask, and what smaller ones predict of larger ones."""
