"""The checks of a host: one function a question, in `test_*.py`, asserting on facts that were read in one round trip.

They ship with the package because they are the product. Start with `facts` (what was read), `target` (what was
expected) and `expect` (how a check says what it found); `probe` is what runs on the host.
"""
