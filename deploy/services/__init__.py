"""What each service wants of a host: one module a line of `deploy.py`, and the pieces that several share. Pure."""
