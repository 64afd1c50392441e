"""Work on what others wrote, in processes that may take so much time and memory and no more."""
