"""One trade: its orders, its lots, its stop and its money."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil
from math import floor

from strategies.common.commands import OrderKind
from strategies.common.commands import Purpose
from strategies.common.events import Filled
from strategies.common.intents import Intent
from strategies.common.orders import Order
from strategies.common.orders import OrderSet
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import EntryKind
from strategies.common.records import ExitFilled
from strategies.common.records import TradeClosed
from strategies.common.sizing import CONTEXT
from strategies.common.sizing import PositionSize


BASIS_POINT = Decimal("0.0001")
MONEY_STEP = Decimal("1e-12")
NO_TICKS = Fraction(0)


class Trade:
    """
    Holds the state of one trade from its intent to flat.

    Parameters
    ----------
    intent : Intent
        The prices at the decision.
    size : PositionSize
        The requested size.
    tick_value : Decimal
        The money one lot earns per tick.
    ids : Iterator[int]
        Provides the identifiers of its orders.

    """

    __slots__ = (
        "_gained",
        "clock_start",
        "close_reason",
        "drop_reason",
        "entry_cost",
        "entry_deadline",
        "entry_kind",
        "entry_lots",
        "entry_resent",
        "exit_refusals",
        "exit_retry_at",
        "exits",
        "fees",
        "flip_to",
        "funding",
        "gross",
        "intent",
        "is_stop_refused",
        "keep",
        "lots",
        "min_lots",
        "open",
        "open_cost",
        "orders",
        "side",
        "stop",
        "stop_hit_price",
        "stop_hit_until",
        "stop_lost_until",
        "stop_reason",
        "stop_retry_at",
        "tick_value",
        "tp1_due",
        "tp1_over",
        "ts_close",
        "ts_open",
    )

    def __init__(
        self,
        intent: Intent,
        size: PositionSize,
        tick_value: Decimal,
        ids: Iterator[int],
    ) -> None:
        self.intent = intent
        self.side = intent.side
        self.lots = size.lots
        self.min_lots = size.min_lots
        self.tick_value = tick_value
        self.orders = OrderSet(ids, intent.is_long)

        # Entry: lots and ticks * lots filled; why the rest is canceled, if it is.
        self.entry_lots = 0
        self.entry_cost = 0
        self.entry_kind = EntryKind.LIMIT
        self.entry_deadline: int | None = None
        self.entry_resent = False
        self.drop_reason: DropReason | None = None

        # Position and protection; a stop that has traded is trusted to fill until a time, and one
        # that is lost until a time after another closes the position.
        self.open = 0
        self.open_cost = NO_TICKS
        self.stop = intent.stop
        self.stop_reason = ExitReason.STOP
        self.stop_hit_price: int | None = None
        self.stop_hit_until = 0
        self.stop_lost_until = 0
        self.stop_retry_at = 0
        self.is_stop_refused = False

        # Exits: the lots to keep (0 closes), and whether the first target is over.
        self.keep: int | None = None
        self.close_reason: ExitReason | None = None
        self.tp1_due = False
        self.tp1_over = intent.tp1_half is None
        self.exit_retry_at = 0
        self.exit_refusals = 0
        self.flip_to: Intent | None = None

        self.ts_open: int | None = None
        self.ts_close: int | None = None
        self.clock_start: int | None = None
        self.exits: list[ExitFilled] = []
        self.gross = Decimal(0)
        self._gained = NO_TICKS
        self.fees = Decimal(0)
        self.funding = Decimal(0)

    @property
    def is_entry_over(self) -> bool:
        """Return True if no more of the entry can be filled."""
        return not self.orders.live(Purpose.ENTRY)

    @property
    def is_exit_pending(self) -> bool:
        """Return True if lots are to leave, or the trade waits for its orders to end."""
        return self.keep is not None or self.close_reason is not None

    @property
    def is_entry_pending(self) -> bool:
        """Return True if more may be filled and nothing is to leave yet."""
        return not self.is_exit_pending and (not self.is_entry_over or self.open <= 0)

    @property
    def average_entry(self) -> Fraction:
        """Return the average entry price in ticks."""
        return Fraction(self.entry_cost, self.entry_lots)

    @property
    def breakeven(self) -> int:
        """Return the average price in ticks of the open lots, rounded so that nothing is lost."""
        average = self.open_cost / self.open
        return ceil(average) if self.side > 0 else floor(average)

    @property
    def target(self) -> int | None:
        """Return the last target in ticks: the intent's, or at its distance from the fills."""
        distance = self.intent.target_distance
        if distance is None or self.open <= 0:
            return self.intent.tp2
        return self.breakeven + self.side * distance

    @property
    def notional(self) -> Decimal:
        """Return the value of the open lots at the entry price."""
        return self._money(self.open_cost)

    @property
    def risk(self) -> Decimal:
        """Return the loss of the open lots at the stop without costs; at most 0 from break-even."""
        return self._money(self.side * (self.open_cost - self.stop * self.open))

    def net_at(self, price: int, taker_fee_bps: Decimal) -> Decimal:
        """Return the profit after all costs if the open lots left at a price (ticks)."""
        fee = abs(price) * self.open * self.tick_value * taker_fee_bps * BASIS_POINT
        unrealised = self._money(self.side * (price * self.open - self.open_cost))
        return self.gross + unrealised - self.fees - self.funding - fee

    def tighten(self, stop: int, reason: ExitReason) -> bool:
        """Move the stop if that brings it nearer to the profit; return True if so."""
        if self.side * (stop - self.stop) <= 0:
            return False
        self.stop, self.stop_reason = stop, reason
        return True

    def add_entry(self, order: Order, event: Filled) -> EntryFilled:
        """Book a fill of the entry."""
        if order.command.kind is OrderKind.LIMIT:
            how = EntryKind.LIMIT if event.is_maker else EntryKind.LIMIT_MARKETABLE
        else:
            how = EntryKind.TIMEOUT_MARKET if self.entry_resent else EntryKind.MARKET
        if self.ts_open is None:
            self.ts_open, self.entry_kind = event.ts, how
        self.entry_lots += event.lots
        self.entry_cost += event.price * event.lots
        self.open += event.lots
        self.open_cost += event.price * event.lots
        self.fees += event.fee
        self._follow_entry()
        return EntryFilled(
            ts=event.ts,
            intent=self.intent,
            how=how,
            price=event.price,
            lots=event.lots,
            fee=event.fee,
        )

    def add_exit(self, order: Order, event: Filled) -> ExitFilled:
        """Book a fill that reduces the position."""
        cost = self._cost_of(event.lots, event.price)
        self.open_cost -= cost
        self.open -= event.lots
        # Differences of a rounded running total add up to the exact total once flat.
        self._gained += self.side * (event.price * event.lots - cost)
        gross = self._money(self._gained) - self.gross
        self.gross += gross
        self.fees += event.fee
        self.ts_close = event.ts
        record = ExitFilled(
            ts=event.ts,
            reason=order.command.reason,
            price=event.price,
            lots=event.lots,
            fee=event.fee,
            gross=gross,
        )
        self.exits.append(record)
        return record

    def reopened(self) -> "Trade":
        """Return a trade over the same orders for fills that came after its end, to be closed."""
        trade = Trade(self.intent, PositionSize(lots=0), self.tick_value, iter(()))
        trade.orders = self.orders
        trade.stop, trade.stop_reason = self.stop, self.stop_reason
        trade.entry_resent = self.entry_resent
        trade.close_reason, trade.keep = ExitReason.LATE_FILL, 0
        return trade

    def hold(self, ts: int, lots: int, price: Fraction) -> None:
        """Take over lots that are open at the venue already, at their average price in ticks."""
        self.ts_open, self.entry_kind = ts, EntryKind.MARKET
        self.entry_lots = self.open = lots
        self.open_cost = price * lots
        self.entry_cost = round(self.open_cost)

    def closed(self) -> TradeClosed | None:
        """Return the summary of a trade that had fills and is flat."""
        if self.ts_open is None or self.ts_close is None:
            return None
        return TradeClosed(
            intent=self.intent,
            ts_open=self.ts_open,
            ts_close=self.ts_close,
            entry=self.average_entry,
            lots=self.entry_lots,
            exits=tuple(self.exits),
            gross=self.gross,
            fees=self.fees,
            funding=self.funding,
            net=self.gross - self.fees - self.funding,
            entry_kind=self.entry_kind,
        )

    def _follow_entry(self) -> None:
        """Place a stop at its distance from the fills, unless it has been moved already."""
        distance = self.intent.stop_distance
        if distance is not None and self.stop_reason is ExitReason.STOP and self.open > 0:
            self.stop = self.breakeven - self.side * distance

    def _cost_of(self, lots: int, price: int) -> Fraction:
        # Lots beyond the position have no entry to be set against: they neither earn nor lose.
        if self.open <= 0:
            return Fraction(price * lots)
        held = min(lots, self.open)
        return self.open_cost * held / self.open + price * (lots - held)

    def _money(self, ticks: Fraction) -> Decimal:
        value = Decimal(ticks.numerator) * self.tick_value
        if ticks.denominator == 1:
            return value
        return CONTEXT.divide(value, Decimal(ticks.denominator)).quantize(MONEY_STEP)
