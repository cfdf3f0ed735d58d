"""A system over given minute bars: enters where one closes beyond all closes shortly before."""

from collections import deque
from typing import ClassVar

from msgspec import Struct
from nautilus_trader.common.config import PositiveInt
from nautilus_trader.model.data import BarType

from actors.base import BarActor
from actors.codes import Code
from actors.config import BarActorConfig
from actors.messages import DataGap
from actors.messages import Message
from actors.messages.base import register
from actors.messages.schema import Flag
from actors.messages.schema import Lots
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Size
from actors.messages.schema import Table
from actors.messages.schema import Ticks
from actors.messages.schema import Time
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.config import TradingConfig
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Step
from strategies.common.system import System
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Views


MINUTE = 60_000_000_000


class Reason(Code):
    """Represents the reason of a decision."""

    INSIDE = "INSIDE", "The bar closed within the closes before it."
    BEYOND = "BEYOND", "The bar closed beyond the closes before it."


@register
class GivenMinute(Message):
    """
    Represents a given minute bar, and the closes of those before it.

    Attributes
    ----------
    ts_min : int
        Its start (ns UTC).
    open, high, low, close : int
        Its prices (ticks).
    volume : int
        The traded size (lots).
    highest, lowest : int or None
        The extreme closes of the bars before it (ticks); null while there are too few.
    warm : bool
        If there are enough.
    tick_size, lot_size : float
        The units of prices and sizes.

    """

    TABLE = Table("given_minutes", bars="minutes", ts="none", decided=True)
    PARITY = (Parity("given_minutes", "minutes", ("ts_min",)),)
    MARK = ("close",)
    WARM = "warm"

    ts_min: Time
    open: Ticks
    high: Ticks
    low: Ticks
    close: Ticks
    volume: Lots
    highest: Ticks | None
    lowest: Ticks | None
    warm: Flag
    tick_size: Price
    lot_size: Size


class ClosesConfig(BarActorConfig, frozen=True, kw_only=True):
    """Configures `Closes`."""

    DATA: ClassVar[tuple[str, ...]] = ("Bar",)

    bars: PositiveInt = 1
    bar: str = "1-MINUTE-LAST-EXTERNAL"

    @property
    def bar_types(self):
        return (BarType.from_str(f"{self.instrument_id}-{self.bar}"),)


class Closes(BarActor):
    """Publishes each given minute bar with the extreme closes of those before it."""

    QUOTES = TRADES = False
    PUBLISHES = (DataGap, GivenMinute)

    @property
    def history_minutes(self):
        return int(self.config.bars) + 1

    def history_since(self, now):
        return now - now % MINUTE - self.history_minutes * MINUTE

    def create_indicator(self):
        self.closes = deque(maxlen=self.config.bars)

    def start_again(self, ts):
        super().start_again(ts)
        self.closes.clear()

    def on_given_bar(self, bar):
        closes = self.closes
        is_full = len(closes) == closes.maxlen
        self.publish(
            GivenMinute(
                self.config.instrument_id,
                bar.ts_event - 1,
                bar.ts_init,
                ts_min=bar.ts_event - MINUTE,
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=bar.volume,
                highest=max(closes) if is_full else None,
                lowest=min(closes) if is_full else None,
                warm=is_full,
                tick_size=self.tick_size,
                lot_size=self.lot_size,
            )
        )
        closes.append(bar.close)


class BeyondRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds the distances from the close of the bar that decides (ticks)."""

    stop: int = 20
    target: int | None = 40
    first_target: int | None = None
    trail: int | None = None
    limit: int = 0
    leave_after: int | None = None


class BeyondRow(Struct, frozen=True, kw_only=True):
    """Represents a given bar."""

    end: int
    close: int
    highest: int | None
    lowest: int | None


class Beyond(DecisionMachine[BeyondRow]):
    """Enters in the direction of a close beyond the closes before it."""

    INTERVAL_NS = MINUTE
    seen: ClassVar[list[tuple[int, int | None, int | None]]] = []

    def __init__(self, rule):
        self.rule = rule
        self._warm = False

    @property
    def warm(self):
        return self._warm

    def step(self, row, position):
        self.seen.append((row.close, position.bid, position.ask))
        self._warm = row.highest is not None
        side = 0 if not self._warm else (row.close > row.highest) - (row.close < row.lowest)
        entries = ()
        if side and position.is_flat:
            rule = self.rule
            if rule.leave_after is not None:
                self.wake_at = row.end + rule.leave_after
            first = rule.first_target
            entry = row.close - side * rule.limit
            intent = Intent(
                is_long=side > 0,
                entry=entry,
                stop=row.close - side * rule.stop,
                tp1_half=None if first is None else 2 * (row.close + side * first),
                tp2=None if rule.target is None else row.close + side * rule.target,
                trail_distance=rule.trail,
                tag="long" if side > 0 else "short",
            )
            entries = (Entry.of(intent),)
        return Step(
            warm=self._warm,
            close=row.close,
            is_boundary=True,
            reason=Reason.BEYOND if side else Reason.INSIDE,
            entries=entries,
        )

    def exits_at(self, ts, position):
        if self.wake_at is None or ts < self.wake_at:
            return ()
        self.wake_at = None
        return (Exit(ts=ts, reason=ExitReason.FLATTEN, drop=DropReason.FLATTEN),)

    def on_gap(self, ts):
        self._warm = False
        return NO_NOTES

    def snapshot(self):
        return {}

    def restore(self, state, position, ts, ended=()):
        return NO_NOTES


class BeyondConfig(TradingConfig, frozen=True, kw_only=True):
    """Configures `BeyondStrategy`."""

    rule: BeyondRule = BeyondRule()


class BeyondStrategy(TradingStrategy):
    """Trades the closes beyond."""

    INPUTS: ClassVar[tuple[type[Message], ...]] = (GivenMinute,)

    def make_machine(self):
        Beyond.seen.clear()
        return Beyond(self.config.rule)

    def row_of(self, message):
        return BeyondRow(
            end=message.ts_min + MINUTE,
            close=message.close,
            highest=message.highest,
            lowest=message.lowest,
        )


SYSTEM = System(
    name="bars",
    title="Closes beyond those before, over given minute bars",
    messages=(GivenMinute,),
    views=Views(chart=Chart(bars=Bars(message=GivenMinute, time="ts_min", seconds=60))),
    decisions=(Reason,),
)
