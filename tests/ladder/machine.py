"""The decision machine of the ladder system: a trade every few minutes, several at once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from strategies.common.intents import Intent
from strategies.common.machine import DecisionMachine
from strategies.common.position import Position
from strategies.common.position import TradeView
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import TradeClosed
from strategies.common.step import NO_NOTES
from strategies.common.step import Entry
from strategies.common.step import Exit
from strategies.common.step import Notes
from strategies.common.step import Step
from strategies.common.step import StopMove
from strategies.common.trade_params import MINUTE_NS
from tests.ladder.reasons import Reason
from tests.toy.machine import ChannelRow


TIMED, TRAILED = "rung 1", "rung 2"


class LadderRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the parameters of the rule.

    Parameters
    ----------
    every, turn, hold : int, default 6, 60 and 20
        The minutes from one trade to the next, from one side to the other, and those that a trade
        of the first rung is held.
    rungs : int, default 3
        The setups, which take turns.
    both_sides : bool, default False
        If one setup after the other is long and short, whatever the time.
    stop_ticks, target_ticks : int, default 2,000 and 2,500
        The distances of stop and target of the first rung; those of the others are longer.

    """

    every: int = 6
    turn: int = 60
    hold: int = 20
    rungs: int = 3
    both_sides: bool = False
    stop_ticks: int = 2_000
    target_ticks: int = 2_500


class LadderMachine(DecisionMachine[ChannelRow]):
    """
    Enters every few minutes; the first rung ends by time, and the stop of the second one trails.

    With every second trade it enters the next rung as well, in the same minute.

    Parameters
    ----------
    rule : LadderRule
        The parameters.

    """

    INTERVAL_NS = MINUTE_NS

    def __init__(self, rule: LadderRule) -> None:
        self._rule = rule
        self._last: int | None = None

    def step(self, row: ChannelRow, position: Position) -> Step | None:
        """Take a minute: enter what is due, and manage each open trade by its id."""
        if self._last is not None and row.ts_min <= self._last:
            return None
        self._last = row.ts_min
        number, left = divmod(row.ts_min // MINUTE_NS, self._rule.every)
        entries: tuple[Entry, ...] = ()
        if row.warm and left == 0:
            entries = tuple(Entry.of(self._intent(row, number + i)) for i in range(1 + number % 2))
        reason = Reason.COLD if not row.warm else Reason.RUNG if entries else Reason.WAIT
        return Step(
            warm=row.warm,
            close=row.close,
            is_boundary=True,
            reason=reason,
            entries=entries,
            exits=tuple(self._exits(row, position)),
            stops=tuple(self._stops(row, position)),
        )

    def on_gap(self, ts: int) -> Notes:
        return NO_NOTES

    def snapshot(self) -> dict[str, Any]:
        return {"last": self._last}

    def restore(
        self,
        state: Any,
        position: Position,
        ts: int,
        ended: Mapping[int, TradeClosed] = MappingProxyType({}),
    ) -> Notes:
        self._last = None if state is None else state["last"]
        return NO_NOTES

    def _intent(self, row: ChannelRow, number: int) -> Intent:
        rule, rung = self._rule, number % self._rule.rungs
        turns = number if rule.both_sides else row.ts_min // MINUTE_NS // rule.turn
        side = 1 if turns % 2 == 0 else -1
        return Intent(
            is_long=side > 0,
            entry=row.close,
            stop=row.close - side * rule.stop_ticks * (rung + 2) // 2,
            tp2=row.close + side * rule.target_ticks * (rung + 2) // 2,
            tag=f"rung {rung + 1}",
        )

    def _exits(self, row: ChannelRow, position: Position) -> list[Exit]:
        limit = row.end - self._rule.hold * MINUTE_NS
        return [
            Exit(
                ts=row.end, reason=ExitReason.TIME, drop=DropReason.FLATTEN, trade_id=view.trade_id
            )
            for view in _held(position, TIMED)
            if view.since is not None and view.since <= limit
        ]

    def _stops(self, row: ChannelRow, position: Position) -> list[StopMove]:
        way = self._rule.stop_ticks
        return [
            StopMove(stop=row.close - view.side * way, price=row.close, trade_id=view.trade_id)
            for view in _held(position, TRAILED)
        ]


def _held(position: Position, tag: str) -> list[TradeView]:
    return [view for view in position.trades if view.tag == tag and view.lots]
