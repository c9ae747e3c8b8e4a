"""Schedules at Kalshi."""
