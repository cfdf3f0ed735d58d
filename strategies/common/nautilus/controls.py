"""Controls of a strategy for operators and the node: halt, flatten, protect, and its state."""

from abc import abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nautilus_trader.common.component import LiveClock
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.trading.strategy import Strategy

from actors.order_marks import meaning
from strategies.common.book_position import VenuePosition
from strategies.common.book_position import hold_book
from strategies.common.book_status import status_of
from strategies.common.book_status import trade_rows
from strategies.common.commands import Command
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.units import Units
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.recovery import emergency_distance
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.trade_book import TradeBook


class TradeControls(Strategy):  # type: ignore[misc]
    """
    Controls the trade manager of a strategy from outside.

    Attributes
    ----------
    manager : TradeBook
        Manages its trades.
    units : Units
        The instrument's ticks and lots.
    active : bool
        If it may enter; an open trade is managed in any case.

    """

    manager: TradeBook
    units: Units
    router: OrderRouter

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._active = True

    @abstractmethod
    def execute(self, commands: Sequence[Command], ts: int) -> None:
        """Send commands of the trade manager as of a time (ns UTC)."""

    @abstractmethod
    def size(self, intent: Intent) -> PositionSize:
        """Return the size of an entry by the present account, or the reason why there is none."""

    @abstractmethod
    def keep_state(self, cause: str) -> None:
        """Publish the state for the journal, if there is one."""

    def entry_refusal(self, ts: int, intent: Intent) -> Refusal | None:
        """Return a limit of its own that an entry at a boundary (ns UTC) would break, or None."""
        return None

    def late_refusal(self) -> SizeRefusal | None:
        """Return a limit reached since its decision that an entry would break now, or None."""
        return None

    def size_within_limits(self, intent: Intent) -> PositionSize:
        """
        Return the size of an entry; none where a limit has been reached since its decision.

        A flip is sized as the trade before it ends, whose loss no strategy has been informed of.
        """
        reason = self.late_refusal()
        return self.size(intent) if reason is None else PositionSize(lots=0, reason=reason)

    def restore_signals(self, state: Any) -> Any:
        """Go on from a `signal_state`, None without one; return the machine's part of it."""
        return state

    @property
    def has_live_clock(self) -> bool:
        """Return True in a live node; backtests and replays run on test clocks."""
        return isinstance(self.clock, LiveClock)

    @property
    def active(self) -> bool:
        """Return True if it may enter; an open trade is managed in any case."""
        return self._active

    @active.setter
    def active(self, value: bool) -> None:
        changed, self._active = value != self._active, value
        if changed:
            self.keep_state("STATE")

    @property
    def position(self) -> Decimal:
        """Return the signed size of the position that the trade manager knows of."""
        # Without a trade a plain zero, not one with the digits of a lot.
        return self.manager.position * self.units.lot if self.manager.trades else Decimal(0)

    @property
    def is_flat(self) -> bool:
        """Return True if there is neither a position nor an order."""
        return self.manager.is_flat

    def describe_trades(self) -> list[dict[str, Any]]:
        """Return the running trades in the units of the instrument, fit for JSON."""
        return trade_rows(status_of(self.manager), self.units.tick, self.units.lot)

    def is_own_order(self, client_order_id: ClientOrderId) -> bool:
        """Return True if an identifier is one that this strategy gives its orders."""
        name = client_order_id.value
        tags = f"-{self.trader_id.get_tag()}-{self.id.get_tag()}-"
        return tags in name and meaning(name) is not None

    def live_orders(self) -> set[ClientOrderId]:
        """Return the orders of its trades that can still be filled, as far as it knows."""
        return self.router.live_orders(self.manager)

    def flatten(
        self,
        reason: ExitReason = ExitReason.FLATTEN,
        drop: DropReason = DropReason.FLATTEN,
        ts: int | None = None,
        trade_id: int | None = None,
    ) -> None:
        """
        Cancel working entries and close positions at market.

        Parameters
        ----------
        reason : ExitReason, default FLATTEN
            Why positions are closed.
        drop : DropReason, default FLATTEN
            Why entries are canceled.
        ts : int, optional
            The boundary (ns UTC) it belongs to; None for now.
        trade_id : int, optional
            The trade; without it all of them, and a flip that waits.

        """
        ts = self._now() if ts is None else ts
        self.execute(self.manager.flatten(ts, reason, drop, trade_id), ts)

    def stop_entries(self, reason: DropReason, trade_id: int | None = None) -> None:
        """Cancel working entries and flips, of a trade or of all; positions stay managed."""
        ts = self._now()
        self.execute(self.manager.stop_entries(ts, reason, trade_id), ts)

    def move_stop(self, ts: int, stop: int, price: int, trade_id: int | None = None) -> None:
        """Move the stop of a trade, or of all, nearer to the profit: see `TradeBook.move_stop`."""
        self.execute(self.manager.move_stop(ts, stop, price, trade_id), ts)

    def halt(self, message: str) -> None:
        """Halt on a doubt about position and orders: enter nothing more until `resume_entries`."""
        ts = self._now()
        self.execute(self.manager.halt(ts, message), ts)
        self.keep_state("STATE")

    def protect_unknown_position(self, position: Decimal, price: Decimal, message: str) -> None:
        """Halt, and set a stop for the signed position that the account has instead of ours."""
        ts, tick = self._now(), self.units.tick
        average, lots = Fraction(price / tick), int(position / self.units.lot)
        distance = emergency_distance(average, Fraction(self.config.emergency_stop_pct))
        positions = [VenuePosition(lots=lots, price=average)]
        held = hold_book(self.manager, ts, positions, distance, message)
        self.execute(held.commands, ts)
        self.keep_state("STATE")

    def halt_entries(self) -> None:
        """Stop entering until `resume_entries`, on an operator's command."""
        self.manager.halted = True
        self.keep_state("STATE")

    def resume_entries(self) -> None:
        """End a halt, once an operator has checked position and orders."""
        self.manager.halted = False
        self.keep_state("STATE")

    def on_position_found(self, held: Decimal) -> None:
        """
        Accept the venue's position: a trade without a position at the venue is dropped.

        Parameters
        ----------
        held : Decimal
            The signed size at the venue.

        """
        position = self.position
        if not position or held * position > 0:
            return
        ts = self._now()
        text = f"{abs(position)} to close, but the venue has no position"
        self.execute(self.manager.abandon(ts, text), ts)

    def _now(self) -> int:
        return int(self.clock.timestamp_ns())
