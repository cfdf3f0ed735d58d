"""Messages about what the machine of the playbook reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actors.messages import Message
from strategies.common.trade_params import MINUTE_NS
from strategies.playbook.messages import BreakoutAttempt
from strategies.playbook.messages import LegNodeEvent
from strategies.playbook.messages import SetupSignal
from strategies.playbook.records import AttemptRecord
from strategies.playbook.records import NodeRecord
from strategies.playbook.records import SetupRecord


DIRECTIONS = {1: "BUY", -1: "SELL", 0: "NEUTRAL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """
    Creates messages from records, in the units of the instrument.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    strategy_id : str
        The strategy.
    tick, lot : Decimal
        Price and size increment.

    """

    instrument_id: Any
    strategy_id: str
    tick: Decimal
    lot: Decimal

    def messages(self, record: Any, now: int) -> Iterator[Message]:
        """Yield the messages about a record, as of a time (ns UTC)."""
        match record:
            case AttemptRecord():
                yield self._attempt(record, now)
            case NodeRecord():
                yield self._node(record, now)
            case SetupRecord():
                yield self._setup(record, now)

    def _attempt(self, record: AttemptRecord, now: int) -> BreakoutAttempt:
        return BreakoutAttempt(
            self.instrument_id,
            *_times(record.ts_min, now),
            strategy_id=self.strategy_id,
            ts_min=record.ts_min,
            started=record.started,
            event=record.event.value,
            phase=record.phase,
            side="UP" if record.side > 0 else "DOWN",
            edge=record.edge,
            poc=record.poc,
            origin=record.origin,
            extreme=record.extreme,
            latched=record.latched,
            nodes=record.nodes,
            tick_size=float(self.tick),
        )

    def _node(self, record: NodeRecord, now: int) -> LegNodeEvent:
        node = record.node
        return LegNodeEvent(
            self.instrument_id,
            *_times(record.ts_min, now),
            strategy_id=self.strategy_id,
            ts_min=record.ts_min,
            started=record.started,
            event=record.event,
            side=DIRECTIONS[record.side],
            low=node.lo,
            high=node.hi,
            price=node.price,
            volume=node.volume,
            tick_size=float(self.tick),
            lot_size=float(self.lot),
        )

    def _setup(self, record: SetupRecord, now: int) -> SetupSignal:
        row, candidate = record.row, record.candidate
        node, large = candidate.node, candidate.large_print
        tick = self.tick
        return SetupSignal(
            self.instrument_id,
            *_times(row.ts_min, now),
            strategy_id=self.strategy_id,
            ts_min=row.ts_min,
            started=candidate.started,
            outcome="SIGNAL" if record.refusal is None else record.refusal.value,
            missing=record.missing,
            setup=candidate.setup.value,
            side=DIRECTIONS[candidate.side],
            entry=float(candidate.entry * tick),
            stop=float(candidate.stop * tick),
            target=float(candidate.target * tick),
            target_basis=candidate.basis.value,
            rr=float(candidate.rr),
            confidence=candidate.confidence,
            score=candidate.score,
            flow_direction=DIRECTIONS[row.flow_side],
            state=row.state,
            node=float(node.price * tick),
            node_low=float(node.lo * tick),
            node_high=float(node.hi * tick),
            node_volume=float(node.volume * self.lot),
            node_distance=float(candidate.side * (row.close - node.price) * tick),
            print_price=None if large is None else float(large.price * tick),
            print_size=None if large is None else float(large.lots * self.lot),
        )


def _times(ts_min: int, now: int) -> tuple[int, int]:
    ts = ts_min + MINUTE_NS - 1
    return ts, max(now, ts)
