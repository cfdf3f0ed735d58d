"""The Nautilus strategy under every system: rows in, protected trades out."""

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import ClassVar

from msgspec import Struct
from msgspec import to_builtins

from actors.messages import DataGap
from actors.messages import DataSilence
from actors.messages import Message
from strategies.common.book_decisions import decide_book
from strategies.common.commands import Command
from strategies.common.gate import Refusal
from strategies.common.intents import Action
from strategies.common.intents import GateDecision
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.config import LimitsConfig
from strategies.common.nautilus.machine_runner import MachineRunner
from strategies.common.nautilus.managed import ManagedStrategy
from strategies.common.nautilus.quotes import quote_in_force
from strategies.common.nautilus.shared_limits import SharedLimits
from strategies.common.position import Position
from strategies.common.position import view_of
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import EntryFilled
from strategies.common.records import TradeClosed
from strategies.common.settings import checked_settings
from strategies.common.settings import described
from strategies.common.settings import differences
from strategies.common.sizing import SizeRefusal


# The priority of a strategy among the receivers of its actor's messages, before their recording.
FIRST = 10


class TradingStrategy(ManagedStrategy):
    """
    Drives a decision machine, and hands its entries to the gate and the trade manager.

    A system names the messages that its machine decides on (`INPUTS`) and implements `make_machine`
    and `row_of`; the other hooks are there to be extended, by way of `super()`: `messages_of`,
    `size`, `entry_refusal`, `on_commands`, `on_trade_opened`, `on_trade_closed`, `on_data_gap`,
    `on_data_silence`. A strategy without a machine hands its intents to `decide`.

    On a live clock it starts in observation: it decides and enters nothing until it is activated.
    Boundaries from before its start, which a warm-up replays, only feed the decision machine.
    A backtest listens to prints only while there is a trade. An actor must have subscribed to the
    trades and quotes of the instrument. With `market_bars` alone the last close is the quote.

    Parameters
    ----------
    config : LimitsConfig
        The configuration.

    Attributes
    ----------
    INPUTS : tuple[type[Message], ...]
        The messages that are handed to `row_of`.
    machine : DecisionMachine or None
        The decision machine; there after the start.
    closes_seen : int
        The closed minutes or seconds that have reached it.
    gaps_seen : int
        The gaps in its data that have ended.
    closes_cold : int
        The closed minutes or seconds since the end of the first gap at which it was not warm.
    stale : bool
        If there have been no market data for too long to enter.
    warm : bool
        If its indicators had seen enough data at the last boundary.
    closed_inside : tuple[tuple[Intent, ExitReason], ...]
        Of several trades, those that the last `decide` has closed by boundary or time.

    """

    INPUTS: ClassVar[tuple[type[Message], ...]] = ()

    def __init__(self, config: LimitsConfig) -> None:
        super().__init__(config)
        self.machine: DecisionMachine[Any] | None = None
        self.closes_seen = 0
        self.gaps_seen = 0
        self.closes_cold = 0
        self.stale = False
        self.warm = False
        self.closed_inside: tuple[tuple[Intent, ExitReason], ...] = ()
        self._runner: MachineRunner | None = None
        self._ended: dict[int, TradeClosed] = {}
        self._shared = SharedLimits(self)

    def on_start(self) -> None:
        self.is_live = self.has_live_clock
        self.msgbus.subscribe(topic=DataGap.topic(), handler=self._on_gap, priority=FIRST)
        self.msgbus.subscribe(topic=DataSilence.topic(), handler=self._on_silence, priority=FIRST)
        super().on_start()
        self._shared.start()
        machine = self.make_machine()
        if machine is not None:
            self._runner = MachineRunner(self, machine, self.make_reports(machine.INTERVAL_NS))
            self._runner.resume(self.restore_signals(self._restored), self._ended)
            self.machine = machine
        for cls in self.INPUTS:
            self.msgbus.subscribe(topic=cls.topic(), handler=self.handle_data, priority=FIRST)

    def on_stop(self) -> None:
        super().on_stop()
        self.msgbus.unsubscribe(topic=DataGap.topic(), handler=self._on_gap)
        self.msgbus.unsubscribe(topic=DataSilence.topic(), handler=self._on_silence)
        self._shared.stop()

    def on_data(self, data: Message) -> None:
        if self._runner is None or data.instrument_id != self.config.instrument_id:
            return
        row = self.row_of(data)
        if row is not None:
            self._runner.on_row(row)

    def decide(
        self,
        ts: int,
        close_price: int | None,
        intent: Intent | None,
        *,
        warm: bool,
    ) -> tuple[GateDecision, Decimal | None]:
        """
        Handle a boundary: refuse, enter, turn or leave, and publish the state after it.

        Parameters
        ----------
        ts : int
            The boundary (ns UTC).
        close_price : int or None
            The close in ticks; None without trades.
        intent : Intent or None
            The intent of the system.
        warm : bool
            If its indicators have seen enough data.

        Returns
        -------
        tuple[GateDecision, Decimal or None]
            The action and its reason, and the size of an entry that is sent now. Of a book of
            several trades the outcome of the intent alone; `closed_inside` has the rest.

        """
        self.warm = warm
        self._entered = None
        self.closed_inside = ()
        if ts <= self.observe_until:
            return GateDecision(Action.HOLD, None if intent is None else Refusal.OBSERVATION), None
        bid, ask = self._bid_and_ask()
        if bid is not None and ask is not None:
            self.execute(self.manager.on_quote(ts, bid, ask), ts)
        self._execution.drop_late_entries(ts)
        too_costly: Refusal | None = None
        if intent is not None:
            intent, too_costly = self.account.reckoned(intent)
            too_costly = self._shared.refusal(ts, intent) or too_costly
            too_costly = self.entry_refusal(ts, intent) or too_costly
        intents = {key: trade.intent for key, trade in self.manager.trades.items()}
        result = decide_book(
            self.manager,
            ts,
            close_price,
            () if intent is None else ((intent, too_costly),),
            warm=warm,
            active=self.active,
            stale=self.stale,
        )
        self.execute(result.commands, ts)
        self._publisher.status(ts)
        if self.manager.book_params.max_trades == 1:
            return result.decision, self._entered
        self.closed_inside = tuple((intents[key], reason) for key, reason in result.exits)
        return result.entry_decision, self._entered

    def position_view(self, *, with_quote: bool = True) -> Position:
        """Return the position as the machine sees it, with or without the present quote."""
        bid, ask = self._bid_and_ask() if with_quote else (None, None)
        views = (view_of(trade_id, trade) for trade_id, trade in self.manager.trades.items())
        return Position(trades=tuple(views), bid=bid, ask=ask)

    def on_print(self, ts: int, price: int) -> None:
        if self._runner is not None:
            self._runner.on_print(ts, price)

    def late_refusal(self) -> SizeRefusal | None:
        return SizeRefusal.TOTAL_LOSS if self._shared.is_over(self._now()) else None

    def after_commands(self, commands: Sequence[Command], ts: int) -> None:
        super().after_commands(commands, ts)
        self._shared.check()

    def on_trade_opened(self, fill: EntryFilled, trade_id: int) -> None:
        if self._runner is not None:
            self._runner.on_opened(fill, trade_id)

    def on_trade_closed(self, closed: TradeClosed, trade_id: int) -> None:
        if self._runner is None:
            self._ended[trade_id] = closed
        else:
            self._runner.on_closed(closed, trade_id)

    def on_trade_dropped(self, ts: int, trade_id: int) -> None:
        if self._runner is not None:
            self._runner.on_dropped(ts, trade_id)

    def on_data_gap(self, ts: int) -> None:
        """Start to warm up again: data were missing up to a time (ns UTC)."""
        if self._runner is not None:
            self._runner.on_gap(ts)

    def on_data_silence(self) -> None:
        """Stay cold until the next `on_data_gap`: the quotes are silent."""
        if self._runner is not None:
            self._runner.on_silence()

    def signal_state(self) -> Any:
        """Return the state of the machine; before its start that of the last run."""
        return self._restored if self.machine is None else self.machine.snapshot()

    @property
    def not_warm_reason(self) -> str:
        """Return the reason why it is not warm."""
        return "not warm yet" if self.machine is None else self.machine.not_warm_reason

    def settings(self) -> dict[str, Any] | None:
        """Return the parameters that may change while it runs, as plain values; None for none."""
        settings = None if self.machine is None else self.machine.settings()
        return None if settings is None else to_builtins(settings)

    def check_settings(self, changes: Mapping[str, Any]) -> Struct:
        """Return the parameters with changes, nothing is done yet: see `checked_settings`."""
        if self.machine is None:
            return checked_settings(None, str(self.id), changes)
        bound = None if self.is_flat and not self.active else self.machine.AS_TIGHT
        return checked_settings(self.machine.settings(), str(self.id), changes, bound)

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Use the result of `check_settings` from the next row on; alert and state record it."""
        settings = self.check_settings(changes)
        if self.machine is None or (before := self.machine.settings()) is None:
            return
        changed = differences(before, settings)
        if changed:
            self.machine.change_settings(settings)
            self.alert(self._now(), "SETTINGS", described(changed))
            self.keep_state("STATE")

    def describe_progress(self) -> list[str]:
        """Return the progress of its rule, for a reader of a run without a candidate."""
        return [] if self.machine is None else self.machine.progress()

    def count_close(self, *, warm: bool) -> None:
        """Count a closed bar, and whether a gap makes it cold."""
        self.closes_seen += 1
        self.closes_cold += self.gaps_seen > 0 and not warm

    def _on_gap(self, gap: DataGap) -> None:
        if gap.instrument_id != self.config.instrument_id:
            return
        self.gaps_seen += 1
        self.on_data_gap(gap.end)
        self._cancel_entries()

    def _on_silence(self, silence: DataSilence) -> None:
        if silence.instrument_id == self.config.instrument_id:
            self.on_data_silence()
            self._cancel_entries()

    def _cancel_entries(self) -> None:
        if self.manager.trade is not None:
            self.stop_entries(DropReason.STALE)

    def _bid_and_ask(self) -> tuple[int | None, int | None]:
        return quote_in_force(
            self.cache, self.config.instrument_id, self.units, bars=self.market_bars
        )
