"""Fills that reduce several trades of one position, divided as the strategy books them."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from actors.order_records import Fill
from backtests.results.trade import Trade
from catalog.protocols import Instrument
from strategies.common.allotment import allot_lots
from strategies.common.allotment import split_money


# Strategy, instrument, and the trade where there may be several.
type Key = tuple[str, str, int | None]


def divided(
    fill: Fill,
    own: Key,
    running: Mapping[Key, Trade],
    instruments: Mapping[str, Instrument],
) -> Iterator[tuple[Key, Fill]]:
    """
    Yield the parts of a fill and the trades they are of.

    What a fill closes beyond its own trade leaves the other trades of the same position, in
    proportion to what each has open. Nearly always there is one part, the fill itself.

    Parameters
    ----------
    fill : Fill
        The fill.
    own : Key
        The trade of its order.
    running : Mapping[Key, Trade]
        The trades that are open.
    instruments : Mapping[str, Instrument]
        The instruments by id.

    """
    trade = running.get(own)
    others = [
        (key, other)
        for key, other in running.items()
        if key != own
        and key[:2] == own[:2]
        and other.is_long != fill.is_buy
        and other.fills[0].position_id == fill.position_id
    ]
    lot = instruments[fill.instrument_id].size_increment.as_decimal()
    lots = int(fill.quantity / lot)
    room = 0
    if trade is not None:
        # What opens more of its trade reduces no other.
        room = lots if trade.is_long == fill.is_buy else int(trade.open_quantity / lot)
    others.sort(key=lambda item: item[1].trade_id or 0)
    shares = allot_lots(max(0, lots - room), [int(t.open_quantity / lot) for _, t in others])
    if not any(shares):
        yield own, fill
        return
    parts = [(own, lots - sum(shares)), *((k, n) for (k, _), n in zip(others, shares, strict=True))]
    fees = _fees(fill, [size for _, size in parts])
    for (key, size), fee in zip(parts, fees, strict=True):
        if size:
            quantity = (size * lot).quantize(fill.quantity)
            yield key, replace(fill, quantity=quantity, fee=fee)


def _fees(fill: Fill, weights: list[int]) -> list[Decimal]:
    fees = [fee.quantize(fill.fee) for fee in split_money(fill.fee, weights)]
    last = max(i for i, weight in enumerate(weights) if weight)
    fees[last] += fill.fee - sum(fees)
    return fees
