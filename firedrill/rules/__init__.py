"""Alert rules as code: read, linted, tested, and evaluated against a store. Knows no HTTP server and no log file."""
