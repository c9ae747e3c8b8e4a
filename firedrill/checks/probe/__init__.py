"""What runs on a host, once, to read everything the checks ask about.

The modules here use the standard library only and never import anything of ours but each other: their
sources travel to the host's own Python over ssh (`firedrill.checks.shipment`), so that a broken release of ours
cannot hide its own damage. They read; they change nothing.
"""
