"""
Named market assumptions of the simulated venues.

What happens to an order, with `fills`, `fees` and `funding` as the environment's models:

- An order reaches the venue at the first event after the latency.
- A market order pays the best opposite price of the quote in force, worse by the slippage; what
  exceeds the size displayed pays one tick more. Where something printed beyond the quote since it
  was shown, the print counts. A venue without a quote rejects it.
- In data without quotes (`touch: print`) the last print stands for the quote, at its price and up
  to its size, on both sides: half a spread is then in the slippage or nowhere. Limit orders take
  nothing there, they rest until a print fills them.
- A stop rests until a trade prints at its price or beyond, and then fills like a market order, at
  that event. A quote alone never sets it off; but a stop, new or amended, that the quote in force
  has already reached when it arrives is rejected.
- A limit order that reaches the opposite quote takes: up to the size displayed, then one tick worse
  if its limit allows it; the rest stays. One that rests fills at its limit, as maker, as
  `resting.RestingLimit` says; the default is the queue that was displayed when it joined.
- A price off the tick, new or amended, a type of order or a time in force that is not simulated
  ends the run with an error that names the order.
- In data of bars alone (`touch: bar`) bars fill orders, as `rules.bars` says: at the open of the
  next bar, the stop before the target, whatever the latency.
- Funding is settled on perpetuals alone.

Where this differs from the reference rules that the strategies' test vectors were made with:

- A stop and a market order fill at the event that meets them, not at the first quote after it.
- A limit order that is only touched by the opposite quote is filled up to the size displayed, one
  that rests also by prints; the reference fills whole orders, and by quotes alone.
- Sizes matter: the reference knows no displayed size, so nothing walks to the next tick.
- Orders need the latency to arrive; in the reference they are there at once.
- A fee belongs to each fill, and the instrument's rates are the default, not 5 and -1 basis points.
- The reference rejects no stop, it sets a late one off with the next print.
- Funding is settled by the venue at the time itself; the reference settles it at the close of the
  minute, before the decision, with the same position and the same quote.

What no model of the top of the book can know, and stays favourable or unfavourable:

- Orders do not move the market: the next quote shows the size that an order took, except to that
  order itself.
- Several own orders at one price each meet the whole displayed size and every print.
- A quote that comes late leaves an order at a price that is gone; prints beyond it correct that
  only in part. Nautilus's engine handles an order that arrives between a quote and a print at the
  print.
- Two strategies in one instrument share the venue's look at a reduce-only quantity: Nautilus caps
  it by the first open position. Run them apart.
- There is no liquidation, and no margin call.
"""
