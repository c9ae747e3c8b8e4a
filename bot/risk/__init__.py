"""What may be quoted at most. Knows no prices and no strategy."""
