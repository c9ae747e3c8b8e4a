"""Kalshi's event contracts: grid and fees of a market, signatures, and the words of the wire. `venue`
trades there; `simulators.kalshi` is the exchange that it can be tried on.

One book a market, on its YES leg: a bid buys YES, an ask sells YES (which is buying NO), prices are those of YES.
"""
