"""From wanted quotes to orders, and back from what the venue reports. Knows no strategy and no network."""
