"""
Named market assumptions of the simulated venues.

The handling of orders with `fills`, `fees` and `funding` as the models of the environment:

- An order reaches the venue at the first event after the latency.
- A market order pays the best opposite price of the current quote plus slippage; the part beyond
  the displayed size pays one tick more. If a print beyond the quote followed it, the print counts.
  A venue without a quote rejects the order.
- In data without quotes (`touch: print`) the last print replaces the quote, at its price and up
  to its size, on both sides: half a spread must be part of the slippage. Limit orders take nothing
  then, they rest until a print fills them.
- A stop rests until a trade prints at its price or beyond, and then fills like a market order, at
  that event. A quote alone never triggers it; but a stop, new or amended, that the current quote
  has already reached on arrival is rejected.
- A limit order that reaches the opposite quote takes: up to the displayed size, then one tick worse
  if its limit allows it; the rest stays. A resting one fills at its limit, as maker, by the rules
  of `resting.RestingLimit`; the default is the queue that was displayed when it joined.
- A price off the tick, new or amended, an order type or a time in force that is not simulated ends
  the run with an error that names the order.
- In data of only bars (`touch: bar`) bars fill orders by the rules of `rules.bars`: at the open of
  the next bar, the stop before the target, whatever the latency.
- Funding is settled only on perpetuals.

Differences from the reference rules behind the test vectors of the strategies:

- A stop and a market order fill at the event that reaches them, not at the first quote after it.
- A limit order that is only touched by the opposite quote is filled up to the displayed size, a
  resting one also by prints; the reference fills whole orders, and only by quotes.
- Sizes matter: the reference has no displayed size, so nothing walks to the next tick.
- Orders arrive after the latency; in the reference they arrive at once.
- A fee belongs to each fill, and the instrument's rates are the default, not 5 and -1 basis points.
- The reference rejects no stop, it triggers a late one with the next print.
- Funding is settled by the venue at the time itself; the reference settles it at the close of the
  minute, before the decision, with the same position and the same quote.

Limits of any model of the top of the book, favourable or unfavourable:

- Orders do not move the market: the next quote shows the size that an order took, except to that
  order itself.
- Several own orders at one price each meet the whole displayed size and every print.
- A late quote leaves an order at an outdated price; prints beyond it correct that only in part.
  Nautilus's engine handles an order that arrives between a quote and a print at the print.
- Two strategies in one instrument share the reduce-only quantity of the venue: Nautilus caps it by
  the first open position. Run them separately.
- There is no liquidation, and no margin call.
"""
