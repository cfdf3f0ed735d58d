"""
The trade manager's share of each print.

The manager is a strategy's own: long, with two targets, a stop that trails and a time-out set. The
prints of the tape stay between its stop and its first target, as nearly all prints of a trade do.
In the figure of the manager: one call for each print, with the Python loop around it taken off. In
the figure of the strategy: its handler with a Nautilus trade tick, conversion to ticks included.
Flat, a strategy hears no prints at all; the figure of the flat manager is what they would cost.
"""

import time
from collections.abc import Callable
from collections.abc import Sequence
from decimal import Decimal

from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.enums import AggressorSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TradeId
from nautilus_trader.model.objects import Price
from nautilus_trader.model.objects import Quantity

from benchmarks.measure import Row
from benchmarks.tapes import INSTRUMENT_ID
from benchmarks.tapes import LOWEST
from benchmarks.tapes import make_tape
from strategies.common.events import Accepted
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import TradeParams


PRINTS = 200_000
REPETITIONS = 7
LEVELS = 611


def run() -> list[Row]:
    """Return the figures."""
    tape = make_tape(PRINTS, levels=LEVELS)
    prints = list(zip(tape.ts_event.tolist(), tape.price.tolist(), strict=True))
    ticks = [_tick(ts, price) for ts, price in prints]
    flat, busy = _manager(), _manager()
    _open(busy, prints[0][0])
    loop = [_nanoseconds(lambda _ts, _price: None, prints) for _ in range(REPETITIONS)]

    def figures(manager: TradeManager) -> list[float]:
        call = manager.on_trade
        return [_nanoseconds(call, prints) - min(loop) for _ in range(REPETITIONS)]

    raw_tick = Price.from_str("0.1").raw

    def handle(tick: TradeTick) -> None:
        busy.on_trade(tick.ts_event, tick.price.raw // raw_tick)

    handled = [_nanoseconds(handle, [(tick,) for tick in ticks]) for _ in range(REPETITIONS)]
    if busy.trade is None or not busy.trade.open:
        raise RuntimeError("the trade has ended: the figures are of a flat manager")
    return [
        Row.of("manager, flat", figures(flat), "ns a print", at_most=300),
        Row.of("manager, in a trade", figures(busy), "ns a print", at_most=3000),
        Row.of("handler of a strategy in a trade", handled, "ns a print", at_most=3000),
    ]


def _manager() -> TradeManager:
    return TradeManager(
        TradeParams(tick_value=Decimal("0.0001"), taker_fee_bps=Decimal(5)),
        lambda _: PositionSize(lots=1000),
        Ledger(Decimal(10_000)),
        lambda _: None,
    )


def _open(manager: TradeManager, ts: int) -> None:
    intent = Intent(
        is_long=True,
        entry=LOWEST + LEVELS // 2,
        stop=LOWEST - 1,
        tag="benchmark_long",
        tp1_half=2 * (LOWEST + LEVELS),
        tp2=LOWEST + 2 * LEVELS,
        trail_distance=2 * LEVELS,
    )
    manager.enter(ts, intent)
    manager.on_order_event(Accepted(order_id=1, ts=ts))
    manager.on_order_event(
        Filled(
            order_id=1,
            ts=ts,
            fill_id="1",
            lots=1000,
            price=intent.entry,
            is_maker=True,
            fee=Decimal(0),
        )
    )
    manager.on_order_event(Accepted(order_id=2, ts=ts))


def _tick(ts: int, price: int) -> TradeTick:
    return TradeTick(
        InstrumentId.from_str(INSTRUMENT_ID),
        Price(price / 10, 1),
        Quantity(1, 3),
        AggressorSide.BUYER,
        TradeId("1"),
        ts,
        ts,
    )


def _nanoseconds(call: Callable[..., object], rows: Sequence[tuple[object, ...]]) -> float:
    began = time.process_time_ns()
    for row in rows:
        call(*row)
    return (time.process_time_ns() - began) / len(rows)
