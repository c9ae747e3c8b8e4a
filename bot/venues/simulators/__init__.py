"""Exchanges of our own: a matching engine, a seeded price process, and faults on request."""
