"""The positions that the fills of a run make."""

from collections.abc import Iterable
from collections.abc import Mapping

from actors.order_marks import tagged_trade
from actors.order_records import Fill
from actors.order_records import OrderRecord
from backtests.results.shared_fills import Key
from backtests.results.shared_fills import divided
from backtests.results.tags import plan_of
from backtests.results.tags import reason_of
from backtests.results.tags import setup_of
from backtests.results.trade import Trade
from backtests.results.trade import fill_order
from catalog.protocols import Instrument
from strategies.common.reasons import ExitReason


def fills_in_order(orders: Iterable[OrderRecord]) -> list[tuple[OrderRecord, Fill]]:
    """Return all fills with their orders, by time and then by trade id."""
    fills = [(order, fill) for order in orders for fill in order.fills]
    return sorted(fills, key=lambda pair: fill_order(pair[1]))


def trades_of(orders: Iterable[OrderRecord], instruments: Mapping[str, Instrument]) -> list[Trade]:
    """
    Return the positions that the fills make, per strategy and instrument, from flat to flat.

    They are counted from the fills alone, so that they check Nautilus's own books. A flip is two
    positions: the one that its first order closed, and the one that the next opened. Of a strategy
    that holds several trades at once each trade is a position, by the tags of its orders; what an
    order closes beyond its own trade leaves the others as the strategy itself books it.

    Raises
    ------
    RuntimeError
        If a fill closes more than is open.

    """
    running: dict[Key, Trade] = {}
    trades: list[Trade] = []
    for order, whole in fills_in_order(orders):
        own = (whole.strategy_id, whole.instrument_id, tagged_trade(order.tags))
        for key, fill in divided(whole, own, running, instruments):
            trade = running.get(key)
            if trade is None:
                trade = Trade(
                    position_id=f"{fill.instrument_id}-{len(trades) + 1}",
                    strategy_id=fill.strategy_id,
                    instrument_id=fill.instrument_id,
                    setup=setup_of(order),
                    plan=plan_of(order),
                    is_long=fill.is_buy,
                    ts_open=fill.ts_event,
                    multiplier=instruments[fill.instrument_id].multiplier.as_decimal(),
                    trade_id=key[2],
                )
                running[key] = trade
                trades.append(trade)
            trade.book(fill)
            if not trade.open_quantity:
                trade.ts_close = fill.ts_event
                trade.exit_reason = reason_of(order) if key == own else ExitReason.NETTED
                del running[key]
    return trades
