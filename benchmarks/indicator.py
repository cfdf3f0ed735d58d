"""
The cost of an indicator inside a running actor, for each trade.

An actor in state RUNNING gets every trade through `Actor.handle_trade_tick`, as the message bus
calls it, with one or ten equal indicators registered. The cost of one is what the actor takes
longer than one without any, by their number: the first one fetches the trade into the cache of the
processor, the others find it there. `ValueAreaMinutes` gets one quote a minute as well, so that
volatility and value areas come about; the minutes that it closes are part of its cost.
"""

from collections.abc import Callable
from functools import partial

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import MessageBus
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.indicators.base import Indicator
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.portfolio.portfolio import Portfolio

from benchmarks.measure import Row
from benchmarks.measure import alternate
from benchmarks.measure import cpu_seconds
from benchmarks.measure import in_own_process
from benchmarks.tapes import INSTRUMENT_ID
from benchmarks.tapes import LOT
from benchmarks.tapes import TICK
from benchmarks.tapes import Tape
from benchmarks.tapes import make_tape
from benchmarks.tapes import quotes_before
from indicators.nautilus import RollingVolumeProfile
from indicators.nautilus import ValueAreaMinutes


TRADES = 500_000
SPAN_NS = 12 * 3_600 * 1_000_000_000
ID = InstrumentId.from_str(INSTRUMENT_ID)
Minutes = list[tuple[QuoteTick, list[TradeTick]]]


def run() -> list[Row]:
    """Return the figures."""
    return in_own_process(_measure)


def _measure() -> list[Row]:
    minutes = _minutes(make_tape(TRADES, span_ns=SPAN_NS))
    variants = [
        (cls, copies) for cls in (RollingVolumeProfile, ValueAreaMinutes) for copies in (1, 10)
    ]
    works = {f"{cls.__name__} {n}": partial(_nanoseconds, minutes, cls, n) for cls, n in variants}
    figures = alternate(
        {"": partial(_nanoseconds, minutes, RollingVolumeProfile, 0), **works}, repetitions=7
    )
    rows = [Row.of("actor without an indicator", figures[""], "ns a trade")]
    for cls, copies in variants:
        pairs = zip(figures[f"{cls.__name__} {copies}"], figures[""], strict=True)
        costs = [(with_it - without) / copies for with_it, without in pairs]
        name = f"{cls.__name__}, {'the first' if copies == 1 else f'each of {copies}'}"
        rows.append(Row.of(name, costs, "ns a trade", at_most=150.0))
    return rows


def _minutes(tape: Tape) -> Minutes:
    quotes = quotes_before(tape)
    tick, lot = float(TICK), float(LOT)
    stamps = tape.ts_event.astype("uint64")
    ticks = TradeTick.from_raw_arrays_to_list(
        ID,
        1,
        3,
        tape.price * tick,
        tape.size * lot,
        tape.side,
        [str(number) for number in range(len(tape))],
        stamps,
        stamps,
    )
    quoted = QuoteTick.from_raw_arrays_to_list(
        ID,
        1,
        3,
        quotes.bid * tick,
        quotes.ask * tick,
        quotes.bid_size * lot,
        quotes.ask_size * lot,
        stamps,
        stamps,
    )
    first = 0
    found: Minutes = []
    number = tape.ts_event // 60_000_000_000
    for last in [*((number[1:] != number[:-1]).nonzero()[0] + 1).tolist(), len(tape)]:
        found.append((quoted[first], ticks[first:last]))
        first = last
    return found


def _nanoseconds(minutes: Minutes, cls: type[Indicator], copies: int) -> float:
    actor = _running_actor()
    indicators = [cls(TICK, LOT) for _ in range(copies)]
    for indicator in indicators:
        if cls is ValueAreaMinutes:
            actor.register_indicator_for_quote_ticks(ID, indicator)
        actor.register_indicator_for_trade_ticks(ID, indicator)
    seconds = cpu_seconds(partial(_feed, minutes, actor))
    if not all(indicator.initialized for indicator in indicators):
        raise RuntimeError(f"{cls.__name__} has not seen the trades")
    return 1e9 * seconds / TRADES


def _feed(minutes: Minutes, actor: Actor) -> None:
    on_quote: Callable[[QuoteTick], None] = actor.handle_quote_tick
    on_trade: Callable[[TradeTick], None] = actor.handle_trade_tick
    for quote, trades in minutes:
        on_quote(quote)
        for trade in trades:
            on_trade(trade)


def _running_actor() -> Actor:
    clock = TestClock()
    bus = MessageBus(TraderId("BENCH-001"), clock)
    cache = Cache()
    actor = Actor(ActorConfig())
    actor.register_base(Portfolio(bus, cache, clock), bus, cache, clock)
    actor.start()
    return actor
