"""Proof that a host is what the repository says, and that its alarms ring. The command line is `__main__.py`."""
