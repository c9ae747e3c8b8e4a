"""The market-making bot. Start reading at `session.py`; the command line is `__main__.py`."""
