"""The very strategies of a run, without Nautilus's kernel around them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from research.evaluation import EvaluatedDecision
from research.evaluation import EvaluatedTrade
from research.evaluator.clock import EvaluatedClock
from research.evaluator.surroundings import EvaluatedAccount
from research.evaluator.surroundings import EvaluatedCache
from research.evaluator.surroundings import EvaluatedPublisher
from research.evaluator.surroundings import EvaluatedReports
from research.evaluator.surroundings import EvaluatedRouter
from research.evaluator.venue import InstrumentVenue
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.position import Position
from strategies.common.records import Record
from strategies.common.records import TradeClosed


HOLD = GateDecision(Action.HOLD)
_CLASSES: dict[type[TradingStrategy], type[Any]] = {}


class EvaluatedStrategy(TradingStrategy):
    """Runs a trading strategy on the clock, the bus and the venue of an evaluation."""

    clock: Any = None
    msgbus: Any = None
    cache: Any = None

    def connect(
        self,
        venues: Sequence[InstrumentVenue],
        clock: EvaluatedClock,
        bus: Any,
        decisions: list[EvaluatedDecision],
        trades: list[EvaluatedTrade],
        number: int,
        *,
        takes_rows: bool,
    ) -> None:
        """
        Set its surroundings, before the start.

        `takes_rows` if messages come as `RowMessage`, with the row of the strategy of a `number`.
        """
        self.clock, self.msgbus = clock, bus
        self._venues, self._venue = venues, venues[0]
        self.cache = EvaluatedCache(venues[0], self)
        self._decisions, self._closed = decisions, trades
        self._number, self._takes_rows = number, takes_rows
        self.rows_made: dict[int, Any] = {}

    def on_start(self) -> None:
        super().on_start()
        machine = self.machine
        own = type(self).on_print is not TradingStrategy.on_print
        self._follows_prints = own or (
            machine is not None and type(machine).on_print is not DecisionMachine.on_print
        )

    @property
    def has_live_clock(self) -> bool:
        return False

    def make_account(self) -> EvaluatedAccount:
        return EvaluatedAccount(self._venues, self.units, self.config)

    def make_router(self) -> Any:
        return EvaluatedRouter(self, self._venue)

    def make_publisher(self, deferred: Any) -> Any:
        return EvaluatedPublisher()

    def make_reports(self, interval_ns: int) -> Any:
        return EvaluatedReports(self, interval_ns, self._decisions)

    def row_of(self, message: Any) -> Any:
        if self._takes_rows:
            return message.rows[self._number]
        row = super().row_of(message)
        if row is not None:
            self.rows_made[id(message)] = row
        return row

    @property
    def follows_messages(self) -> bool:
        """Return True if it does more with a message than to make a row of it."""
        return type(self).on_data is not TradingStrategy.on_data

    def handle_data(self, data: Any) -> None:
        self.on_data(data)

    def publish_data(self, data_type: Any, data: Any) -> None:
        """Drop a message: nothing outside listens."""

    @property
    def is_idle(self) -> bool:
        """Return True if no event of the market matters to it."""
        manager = self.manager
        return manager.is_flat and not self._execution.deferred.waiting

    @property
    def waits_for_quote(self) -> bool:
        """Return True if orders wait for the next quote."""
        return bool(self._execution.deferred.waiting)

    @property
    def takes_prints(self) -> bool:
        """Return True if it follows prints: there is a trade, or one to come."""
        return self._execution.takes_trades

    @property
    def print_bounds(self) -> tuple[int, int, int] | None:
        """
        Return the prices (ticks) between which a print before a time (ns UTC) changes nothing.

        None where every print may.
        """
        if self._follows_prints or (self.waits_for_quote and self._venue.market.quote is None):
            return None
        low, high, wake = self.manager.slots.print_bounds
        machine = self.machine
        if machine is not None and machine.wake_at is not None:
            wake = min(wake, machine.wake_at)
        return low, high, wake

    def on_market_trade(self, ts: int, price: int) -> None:
        """Handle a print while there is a trade, in the order of a run."""
        self._execution.take_print(ts, price)

    def on_market_quote(self, ts: int, bid: int, ask: int) -> None:
        """Handle a quote while orders wait."""
        self._execution.take_quote(ts, bid, ask)

    def decide(
        self, ts: int, close_price: int | None, intent: Intent | None, *, warm: bool
    ) -> tuple[GateDecision, Decimal | None]:
        if intent is None and self.is_idle:
            # Nothing can come of it but a new day.
            self.warm = warm
            self._entered = None
            self.closed_inside = ()
            self.manager.ledger.roll(ts)
            return HOLD, None
        return super().decide(ts, close_price, intent, warm=warm)

    def take_record(self, record: Record, trade_id: int | None) -> None:
        super().take_record(record, trade_id)
        if isinstance(record, TradeClosed):
            self._closed.append(_trade_of(str(self.config.instrument_id), record))

    def position_view(self, *, with_quote: bool = True) -> Position:
        if self.manager.is_flat:
            bid, ask = self._venue.market.spread_prices if with_quote else (None, None)
            return Position(trades=(), bid=bid, ask=ask)
        return super().position_view(with_quote=with_quote)

    def _bid_and_ask(self) -> tuple[int | None, int | None]:
        return self._venue.market.spread_prices


def evaluated(cls: type[TradingStrategy]) -> type[EvaluatedStrategy]:
    """Return a strategy class that runs in an evaluation."""
    if cls not in _CLASSES:
        _CLASSES[cls] = type(f"Evaluated{cls.__name__}", (EvaluatedStrategy, cls), {})
    return _CLASSES[cls]


def _trade_of(instrument_id: str, closed: TradeClosed) -> EvaluatedTrade:
    return EvaluatedTrade(
        instrument_id=instrument_id,
        setup=closed.intent.tag,
        exit_reason=str(closed.exit_reason),
        side=closed.intent.side,
        opened_ns=closed.ts_open,
        closed_ns=closed.ts_close,
        lots=closed.lots,
        gross=closed.gross,
        fees=closed.fees,
        funding=closed.funding,
        net=closed.net,
    )
