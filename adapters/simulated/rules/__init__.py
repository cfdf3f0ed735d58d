"""
The rules of the simulated venue, without Nautilus.

Every rule takes integers of one unit each (prices in ticks or raw, sizes in lots or raw, times in
ns) and `Decimal` for money, so that Nautilus's classes and an evaluator of one's own call the same
functions:

- `touch`: the price and size that an order that takes meets, and which side a print traded against.
- `taking`: what market, stop and marketable limit orders fill at; slippage and displayed size.
- `resting`: what fills a limit order that rests.
- `stops`: what sets a stop off, and which stop is refused.
- `bars`: what a bar fills in a market of bars alone.
- `acceptance`: which orders the venue can simulate.
- `fees`, `funding`, `settlements`: what fills and positions are charged.
- `latency`: when a command reaches the venue.

There is no liquidation, so there is no rule of it.
"""
