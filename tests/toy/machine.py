"""The decision machine of the channel system: one closed minute, one step."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec import ValidationError
from msgspec import convert
from msgspec import to_builtins

from errors import AuctionError
from errors import ParameterError
from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.records import TradeClosed
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.trade_params import MINUTE_NS
from tests.toy.reasons import Reason


class ChannelRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the parameters of the rule.

    Parameters
    ----------
    stop_ticks, target_ticks : int, default 2,500 and 5,000
        The distances of stop and target from the close of the minute (ticks).

    Raises
    ------
    ParameterError
        If a distance is not positive.

    """

    stop_ticks: int = 2_500
    target_ticks: int = 5_000

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) < 1:
                raise ParameterError(f"rule.{name}", f"{getattr(self, name)} is not positive")


class ChannelRow(Struct, frozen=True, kw_only=True):
    """
    Represents one closed minute, in ticks.

    Parameters
    ----------
    ts_min : int
        Its start (ns UTC).
    close : int
        Its close.
    highest, lowest : int or None
        The channel; None while there is none.
    warm : bool
        If entries are allowed.

    """

    ts_min: int
    close: int
    highest: int | None
    lowest: int | None
    warm: bool

    @property
    def end(self) -> int:
        """Return the first nanosecond after the minute."""
        return self.ts_min + MINUTE_NS


class ChannelState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents what the machine knows between two rows.

    Parameters
    ----------
    last : int or None
        The minute that it took last (ns UTC).
    side : int
        The side on which that closed: +1 above the channel, -1 below, 0 inside.

    """

    last: int | None
    side: int


def read_state(state: Any) -> ChannelState:
    """
    Return a state from its plain values.

    Raises
    ------
    AuctionError
        If they are damaged or of another version.

    """
    try:
        return convert(state, ChannelState)
    except ValidationError as e:
        raise AuctionError(f"the saved state of the channel is not usable: {e}") from e


class ChannelMachine(DecisionMachine[ChannelRow]):
    """
    Enters with the first close beyond the channel, and not again before a close inside.

    Parameters
    ----------
    rule : ChannelRule
        The parameters.

    """

    INTERVAL_NS = MINUTE_NS

    def __init__(self, rule: ChannelRule) -> None:
        self._rule = rule
        self._state = ChannelState(last=None, side=0)
        self._warm = False

    @property
    def warm(self) -> bool:
        return self._warm

    def step(self, row: ChannelRow, position: Position) -> Step | None:
        """Take a minute; the first close beyond the channel becomes an entry."""
        last = self._state.last
        if last is not None and row.ts_min <= last:
            return None
        is_next = last is not None and row.ts_min == last + MINUTE_NS
        before = self._state.side if is_next else 0
        side = _side(row)
        self._state = ChannelState(last=row.ts_min, side=side)
        self._warm = row.warm
        entry: tuple[Entry, ...] = ()
        if not row.warm:
            reason = Reason.COLD
        elif side == 0:
            reason = Reason.INSIDE
        elif side == before:
            reason = Reason.BEYOND
        else:
            reason = Reason.BREAKOUT_LONG if side > 0 else Reason.BREAKOUT_SHORT
            entry = (Entry.of(self._intent(row.close, side, reason)),)
        return Step(warm=row.warm, close=row.close, is_boundary=True, reason=reason, entries=entry)

    def on_gap(self, ts: int) -> Notes:
        """Forget the last close: the market has moved unseen."""
        self._state = ChannelState(last=self._state.last, side=0)
        self._warm = False
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        """Return the state as plain values."""
        values: dict[str, Any] = to_builtins(self._state)
        return values

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        """Go on from a state; minutes up to its last one may come again."""
        if state is not None:
            self._state = read_state(state)
        return NO_NOTES

    def _intent(self, close: int, side: int, reason: Reason) -> Intent:
        return Intent(
            is_long=side > 0,
            entry=close,
            stop=close - side * self._rule.stop_ticks,
            tp2=close + side * self._rule.target_ticks,
            tag=reason.lower(),
        )


def _side(row: ChannelRow) -> int:
    if row.highest is None or row.lowest is None:
        return 0
    return (row.close > row.highest) - (row.close < row.lowest)
