"""What a running service holds: the open index, the threads for models, and the builds."""
