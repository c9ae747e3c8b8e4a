"""Hyperliquid on a laptop: /info, /exchange and /ws of one perpetual exchange, good enough for the venue's own client.

Simulated: signatures (found by recovered address, over the action as the venue reads it, so a price with a zero at the
end is somebody else's), nonce windows, deadlines; tick, size, value, margin, post-only, IOC and reduce-only rules with
the venue's texts and statuses; matching by price and time against a seeded crowd; self-trade, modify as cancel and
replace, scheduleCancel with its gate; fees by volume, hourly funding; address and IP budgets; websocket streams with
acknowledgements, snapshots, the close after 60 s of silence and the close without a word for an unknown coin; faults.

Not simulated: triggers and TP/SL (refused), isolated margin, liquidation, spot, vaults and sub-accounts, builder dexs,
outcome markets, transfers and every other user-signed action, open-interest caps, the cancel-first order within a
block, congestion, limits of new connections and of messages a minute, candles, price aggregation of l2Book, rebates by
share of maker volume. A checked signature is that of the testnet, as a client makes it for every address but the main
network's. A client order id that rests cannot be used again. Where the venue's exact words are not known (nonces, early
scheduleCancel), the text is of the family that is. A part fill of a resting order is told by userFills alone.
"""
