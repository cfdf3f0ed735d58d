"""
The rules of the simulated venue, without Nautilus.

Every rule takes integers of one unit each (prices in ticks or raw, sizes in lots or raw, times in
ns) and `Decimal` for money, so that Nautilus's classes and a separate evaluator can call the same
functions:

- `touch`: the price and size that a taker meets, and the side that a print traded against.
- `taking`: fills of market, stop and marketable limit orders; slippage and displayed size.
- `resting`: fills of resting limit orders.
- `stops`: triggers of stops, and rejected stops.
- `bars`: fills by bars in a market of only bars.
- `acceptance`: the orders that the venue can simulate.
- `fees`, `funding`, `settlements`: charges on fills and positions.
- `latency`: the time at which a command reaches the venue.

There is no rule of liquidation.
"""
