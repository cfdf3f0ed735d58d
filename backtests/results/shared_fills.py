"""Fills that reduce several trades of one position, divided as the strategy books them."""

from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal

from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import StrategyId

from backtests.results.trade import Trade
from catalog.protocols import Instrument
from strategies.common.allotment import allot_lots
from strategies.common.allotment import split_money


# Whose position it is, and the trade where there may be several.
type Key = tuple[StrategyId, InstrumentId, int | None]


def divided(
    fill: OrderFilled,
    own: Key,
    running: Mapping[Key, Trade],
    instruments: Mapping[str, Instrument],
) -> Iterator[tuple[Key, OrderFilled]]:
    """
    Yield the parts of a fill and the trades they are of.

    What a fill closes beyond its own trade leaves the other trades of the same position, in
    proportion to what each has open. Nearly always there is one part, the fill itself.

    Parameters
    ----------
    fill : OrderFilled
        The fill.
    own : Key
        The trade of its order.
    running : Mapping[Key, Trade]
        The trades that are open.
    instruments : Mapping[str, Instrument]
        The instruments by id.

    """
    is_buy = fill.order_side == OrderSide.BUY
    trade = running.get(own)
    others = [
        (key, other)
        for key, other in running.items()
        if key != own
        and key[:2] == own[:2]
        and other.is_long != is_buy
        and other.fills[0].position_id == fill.position_id
    ]
    lot = instruments[fill.instrument_id.value].size_increment.as_decimal()
    lots = int(fill.last_qty.as_decimal() / lot)
    room = 0
    if trade is not None:
        # What opens more of its trade reduces no other.
        room = lots if trade.is_long == is_buy else int(trade.open_quantity / lot)
    others.sort(key=lambda item: item[1].trade_id or 0)
    shares = allot_lots(max(0, lots - room), [int(t.open_quantity / lot) for _, t in others])
    if not any(shares):
        yield own, fill
        return
    parts = [(own, lots - sum(shares)), *((k, n) for (k, _), n in zip(others, shares, strict=True))]
    fees = _fees(fill, [size for _, size in parts])
    for (key, size), fee in zip(parts, fees, strict=True):
        if size:
            yield key, _part(fill, size * lot, fee)


def _fees(fill: OrderFilled, weights: list[int]) -> list[Decimal]:
    step = Decimal(1).scaleb(-fill.commission.currency.precision)
    whole = fill.commission.as_decimal()
    fees = [fee.quantize(step) for fee in split_money(whole, weights)]
    last = max(i for i, weight in enumerate(weights) if weight)
    fees[last] += whole - sum(fees)
    return fees


def _part(fill: OrderFilled, quantity: Decimal, fee: Decimal) -> OrderFilled:
    terms = OrderFilled.to_dict(fill)
    precision = fill.last_qty.precision
    terms["last_qty"] = f"{quantity:.{precision}f}"
    terms["commission"] = f"{fee} {fill.commission.currency.code}"
    return OrderFilled.from_dict(terms)
