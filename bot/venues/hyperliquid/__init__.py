"""Hyperliquid's perpetual futures: grid, signatures, the words of the wire, and the adapter that trades there;
`simulators.hyperliquid` is the exchange that it can be tried on."""
