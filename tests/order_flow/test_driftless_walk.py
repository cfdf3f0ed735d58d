"""Honest fills have no edge on a driftless walk; fills at the price of the pattern had one."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from itertools import count

import numpy as np
import pytest

from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.series import FootprintSeries
from actors.footprint.thresholds import DetectorParams
from actors.footprint.thresholds import thresholds_of
from actors.regime.classification import Regime
from actors.regime.inputs import ClosedBar
from actors.regime.params import RegimeParams
from actors.regime.series import RegimeSeries
from catalog.sessions import NANOS_PER_MINUTE
from catalog.sessions import RegularSessions
from indicators.core.footprint_bars import FootprintBars
from strategies.common.commands import OrderKind
from strategies.common.commands import Submit
from strategies.common.events import Accepted
from strategies.common.events import Canceled
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.ledger import Ledger
from strategies.common.position import FLAT
from strategies.common.records import TradeClosed
from strategies.common.sizing import PositionSize
from strategies.common.trade_manager import TradeManager
from strategies.common.trade_params import TradeParams
from strategies.order_flow.bracket import Bracket
from strategies.order_flow.machine import OrderFlowMachine
from strategies.order_flow.params import OrderFlowRules
from strategies.order_flow.router import Signal
from strategies.order_flow.rows import OrderFlowRow


DAYS = 10
PRINTS = 40_000
BAR = 300 * 1_000_000_000
TICK, TICK_VALUE = Decimal("0.25"), Decimal("12.50")
SLIPPAGE = 1


@dataclass
class Venue:
    """
    Fills market orders at the next print and a tick worse, and stops where the market trades.

    `artefact` fills the entry at once at the price of the pattern, which the market has left.
    """

    artefact: bool
    trades: list[TradeClosed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.manager = TradeManager(
            TradeParams(
                tick_value=TICK_VALUE,
                taker_fee_bps=Decimal(0),
                limit_entry=False,
                breakeven_after_tp1=False,
                max_hold_ns=None,
                cooldown_ns=0,
                flip=False,
            ),
            lambda _: PositionSize(lots=1),
            Ledger(Decimal(100_000)),
            self._record,
        )
        self._working: dict[int, Submit] = {}
        self._fills = count()

    def _record(self, record: object) -> None:
        if isinstance(record, TradeClosed):
            self.trades.append(record)

    def enter(self, ts: int, intent: Intent, price: int) -> None:
        refusal, commands = self.manager.enter(ts, intent)
        assert refusal is None
        (entry,) = commands
        assert isinstance(entry, Submit)
        if self.artefact:
            self._fill(ts, entry, price)
        else:
            self._send(ts, commands)

    def on_print(self, ts: int, price: int) -> None:
        for order in list(self._working.values()):
            side = 1 if order.is_buy else -1
            if order.kind is OrderKind.MARKET:
                worse = 0 if order.reduce_only else SLIPPAGE
                self._fill(ts, order, price + side * worse)
            elif order.price is not None and side * (price - order.price) >= 0:
                self._fill(ts, order, price)
        self._send(ts, self.manager.on_trade(ts, price))

    def flatten(self, ts: int) -> None:
        self._send(ts, self.manager.flatten(ts))

    def _send(self, ts, commands) -> None:
        for command in commands:
            if isinstance(command, Submit):
                self._working[command.order_id] = command
                accepted = Accepted(order_id=command.order_id, ts=ts)
                self._send(ts, self.manager.on_order_event(accepted))
            elif self._working.pop(command.order_id, None) is not None:
                canceled = Canceled(order_id=command.order_id, ts=ts)
                self._send(ts, self.manager.on_order_event(canceled))

    def _fill(self, ts: int, order: Submit, price: int) -> None:
        self._working.pop(order.order_id, None)
        filled = Filled(
            order_id=order.order_id,
            ts=ts,
            fill_id=str(next(self._fills)),
            lots=1,
            price=price,
            is_maker=False,
            fee=Decimal(0),
        )
        self._send(ts, self.manager.on_order_event(filled))


def sessions() -> Iterator[tuple[int, int]]:
    calendar, day = RegularSessions(), date(2025, 12, 31)
    for _ in range(DAYS):
        day = calendar.before(day)
        hours = calendar.hours(day)
        assert hours is not None
        yield hours


def walk(artefact: bool) -> list[TradeClosed]:
    rng = np.random.default_rng(2)
    venue = Venue(artefact)
    series = FootprintSeries(thresholds_of("ESZ5", DetectorParams()), 78, 21, TICK, Decimal(1))
    regimes = RegimeSeries(RegimeParams(), "ESZ5", 0.25, 1.0)
    machine = OrderFlowMachine(OrderFlowRules(), Bracket(stop_ticks=16, target_ticks=24))
    for opens, closes in sorted(sessions()):
        core = FootprintBars("time", BAR)
        times = opens + np.arange(PRINTS, dtype=np.int64) * ((closes - opens) // PRINTS)
        steps = rng.choice(np.array([-1, 1]), PRINTS)
        prices = 24_000 + np.cumsum(steps)
        # Aggressors follow the price more often than not.
        signs = np.where(rng.random(PRINTS) < 0.7, steps, -steps).astype(np.int8)
        sizes = rng.geometric(0.25, PRINTS).astype(np.int64)
        core.update_many(times, prices, sizes, signs)
        core.close_until(closes)
        at, flatten = 0, closes - 5 * NANOS_PER_MINUTE
        for values, levels in core.take():
            closed = series.on_bar(values, levels, is_silent=False)
            bar = closed.bar
            regime, _ = regimes.on_bar(
                ClosedBar(
                    start=bar.ts_start,
                    end=bar.ts_end,
                    high=bar.high,
                    low=bar.low,
                    close=bar.close,
                    volume=bar.volume,
                    delta=bar.delta,
                )
            )
            end = int(np.searchsorted(times, bar.ts_end))
            at = _play(venue, times, prices, at, end, flatten)
            row = OrderFlowRow(
                start=bar.ts_start,
                end=bar.ts_end,
                close=bar.close,
                regime=Regime(regime["regime"]),
                confidence=regime["confidence"],
                signals=tuple(
                    Signal(
                        pattern=Pattern(found["pattern"]),
                        direction=Direction(found["direction"]),
                        strength=found["strength"],
                        price=found["price"],
                    )
                    for found in closed.patterns
                ),
                warm=closed.row["warm"] and regime["warm"],
            )
            step = machine.step(row, FLAT)
            assert step is not None
            if venue.manager.trade is None and step.entries and step.entries[0].refusal is None:
                (entry,) = step.entries
                (chosen,) = [r.signal for r in step.notes.records if r.is_chosen]
                assert entry.intent is not None
                venue.enter(bar.ts_end, entry.intent, chosen.price)
        _play(venue, times, prices, at, PRINTS, flatten)
        assert venue.manager.trade is None
    return venue.trades


def _play(venue, times, prices, at: int, end: int, flatten: int) -> int:
    """Give the prints before an index to the venue while there is a trade."""
    while at < end and venue.manager.trade is not None:
        ts, price = int(times[at]), int(prices[at])
        if ts >= flatten:
            venue.flatten(ts)
        venue.on_print(ts, price)
        at += 1
    return end


def figures(trades: list[TradeClosed]) -> tuple[float, float]:
    results = [float(trade.gross) for trade in trades]
    won, lost = (sum(abs(r) for r in results if (r > 0) is side) for side in (True, False))
    return sum(result > 0 for result in results) / len(results), won / lost


@pytest.fixture(scope="module")
def honest() -> list[TradeClosed]:
    return walk(artefact=False)


def test_fills_after_the_bar_have_no_edge_where_there_is_none(honest):
    win_rate, profit_factor = figures(honest)
    assert len(honest) > 120
    # 16 ticks against 24, a tick of slippage: 37.5 % would win, with a factor of 0.9.
    assert 0.30 < win_rate < 0.46
    assert 0.65 < profit_factor < 1.25


def test_brackets_are_measured_from_the_fill(honest):
    exits = [(trade.exit_reason, trade.gross / TICK_VALUE) for trade in honest]
    assert {ticks for reason, ticks in exits if reason == "STOP"} == {-16}
    # The market order of a target leaves with the print after it.
    assert {ticks for reason, ticks in exits if reason == "TARGET"} == {23, 25}


def test_fills_at_the_price_of_the_pattern_would_have_looked_like_an_edge():
    win_rate, profit_factor = figures(walk(artefact=True))
    assert win_rate > 0.6
    assert profit_factor > 2
