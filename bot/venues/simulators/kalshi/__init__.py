"""Kalshi on a laptop: REST under /trade-api/v2 and its websocket, good enough for the venue's own client.

Simulated: RSA-PSS signatures and the window of their time; the four shapes of a refusal; V2 orders with numbers as
texts, client ids that are used up for good, one 404 for three states, post-only, IOC, FOK, reduce-only, self-trade
prevention, expiry, amend and decrease with their queue rules, batches with partial success; order groups with their
15 s window; fees with rounding and rebate; cash that resting orders bind; token buckets with the account's costs;
markets by script (a price path with jumps, pauses, a change of ticks in flight, fees of an event's own, fees that are
waived, close, determination, settlement with payout) with a seeded crowd around it; the Thursday maintenance; streams
with sequence numbers per subscription, both ways of pricing NO, heartbeats; faults.

Not simulated: sub-accounts but 0, shards but 0, RFQs, multivariate events, scalar strikes, legacy order calls,
candlesticks, history, transfers, milestones, upgrades of the usage level, the `market_positions` of an account's other
keys, the venue's wide range of market texts, open interest. A closed
market's orders are cancelled at once, the venue takes a moment. Codes that nobody has recorded (pauses, groups,
fill-or-kill) are of the family that is known.
"""
