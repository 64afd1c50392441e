"""Floor 2: a question becomes passages, spans, and cited answers. A library; it knows nothing of HTTP."""
