"""Hyperliquid's perpetual futures: grid, signatures, and the words of the wire. The adapter that trades there is not
written yet; `simulators.hyperliquid` is the exchange that it can be tried on."""
