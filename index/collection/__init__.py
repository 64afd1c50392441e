"""What was written over HTTP: its documents, the jobs that bring them into the index, and their export."""
