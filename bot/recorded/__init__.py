"""Runs that were written down: how they are kept, read, played again, and made the prices of a simulated venue."""
