"""Publish the output of a strategy: records, alerts, its state after a decision."""

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from actors.messages import Alert
from actors.messages import Message
from actors.messages import TradingStatus
from strategies.common.book_status import BookStatus
from strategies.common.book_status import status_of
from strategies.common.book_status import trade_rows
from strategies.common.intents import Intent
from strategies.common.ledger import heat
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.host import StateHost
from strategies.common.record_mapper import Journal
from strategies.common.records import Record
from strategies.common.trade import Trade


class Publisher:
    """
    Publishes the messages of one strategy; on a live clock they go out once the orders have left.

    Parameters
    ----------
    host : StateHost
        The strategy, on its start.
    account : Account
        The money behind its trades.
    deferred : DeferredActions
        Runs actions that can wait.

    """

    def __init__(self, host: StateHost, account: Account, deferred: DeferredActions) -> None:
        self._host = host
        self._account = account
        self._deferred = deferred
        self._journal = Journal(
            host.config.instrument_id,
            host.id.value,
            host.units.tick,
            host.units.lot,
            names_trades=host.config.max_trades > 1,
        )

    def publish(self, message: Message) -> None:
        """Publish a message after those before it."""
        self._deferred.do(partial(self._host.publish_data, message.data_type, message))

    def alert(self, ts: int, kind: str, text: str, value: float | None) -> None:
        """Publish an alert."""
        self.publish(self._alert(ts, kind, text, value))

    def record(self, record: Record, intent: Intent | None, trade_id: int | None) -> None:
        """Publish what the trade book reports about a trade; None for what is of no trade."""
        now = self._host.clock.timestamp_ns()
        self._deferred.do(partial(self._publish_record, record, intent, now, trade_id))

    def status(self, ts: int) -> None:
        """Publish the state of the strategy after the decision at a time (ns UTC)."""
        self._deferred.do(partial(self._publish_status, ts))

    def _alert(self, ts: int, kind: str, text: str, value: float | None) -> Alert:
        exact = None if value is None else Decimal(str(value))
        return self._journal.alert(ts, self._host.clock.timestamp_ns(), kind, text, exact)

    def _publish_record(
        self, record: Record, intent: Intent | None, ts: int, trade_id: int | None
    ) -> None:
        message = self._journal.message(record, intent, ts, trade_id)
        self._host.publish_data(message.data_type, message)

    def _publish_status(self, ts: int) -> None:
        host = self._host
        manager = host.manager
        status = status_of(manager)
        opened = [trade for trade in manager.trades.values() if trade.open > 0]
        tick, lot = host.units.tick, host.units.lot
        message = TradingStatus(
            host.config.instrument_id,
            ts - 1,
            max(host.clock.timestamp_ns(), ts - 1),
            strategy_id=host.id.value,
            active=host.active,
            halted=status.halted,
            killed=status.killed,
            quantity=float(status.position * lot),
            entry=None if status.entry is None else float(status.entry) * float(tick),
            stop=None if status.stop is None else float(status.stop * tick),
            day_pnl=float(status.day_pnl),
            open_risk=float(status.open_risk),
            heat=self._heat(opened) if opened else 0.0,
            cooling=manager.entries.is_cooling(ts),
            trades=self._trades(status),
        )
        host.publish_data(message.data_type, message)

    def _trades(self, status: BookStatus) -> str | None:
        host = self._host
        if host.manager.book_params.max_trades == 1:
            return None
        return json.dumps(trade_rows(status, host.units.tick, host.units.lot))

    def _heat(self, trades: Sequence[Trade]) -> float | None:
        exposure = self._account.exposure()
        if exposure is None:
            return None
        value = heat(
            exposure.equity,
            [trade.risk for trade in trades],
            self._account.notionals(),
            self._host.config.max_leverage,
        )
        return None if value is None or value < 0 else float(value)
