"""What a service tells those who run it: figures, a log, traces, and who changed what."""
