"""Venues without an exchange of their own: orders stay here, and a real feed says what would become of them."""
