"""The dialects of programs that search and embed for themselves, one module each. A dialect only translates."""
