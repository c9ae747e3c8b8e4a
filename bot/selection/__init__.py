"""Which markets are worth quoting, of all that a venue lists. Pure: asks nobody, and the time is an argument."""
