"""Programs that run on the host, with its own Python and nothing else; they arrive over standard input."""
