"""Floor 3: HTTP, web pages and the command line."""
