"""Prices, sizes, books and orders as integers. Knows no venue, no clock and no strategy."""
