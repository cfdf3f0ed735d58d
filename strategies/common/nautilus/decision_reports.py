"""Publishes the decisions of one strategy once its orders have left."""

from decimal import Decimal
from functools import partial

from strategies.common.decision_mapper import decision_message
from strategies.common.intents import Action
from strategies.common.nautilus.machine_host import MachineHost
from strategies.common.step import Entry
from strategies.common.step import Step
from strategies.common.trade import Trade


class DecisionReports:
    """
    Publishes one `Decision` for each entry, exit and refusal.

    Parameters
    ----------
    host : MachineHost
        The strategy, on its start.
    interval_ns : int
        The length of the interval that its machine decides on (ns).

    """

    def __init__(self, host: MachineHost, interval_ns: int) -> None:
        self._host = host
        self._interval_ns = interval_ns

    def exit(self, ts: int, reason: str, of: Entry | None, trade: Trade) -> None:
        """
        Report that a trade is closed.

        Parameters
        ----------
        ts : int
            The time decided at (ns UTC).
        reason : str
            Why.
        of : Entry or None
            The entry it is about, as the machine describes it.
        trade : Trade
            The trade; where there may be several it is described without an `of` as well.

        """
        if of is None and self._host.manager.book_params.max_trades > 1:
            of = Entry.of(trade.intent)
        self.decision(ts, reason, Action.EXIT, reason, None, of)

    def decision(
        self,
        ts: int,
        reason: str,
        action: str,
        why: str | None,
        step: Step | None = None,
        entry: Entry | None = None,
        quantity: Decimal | None = None,
    ) -> None:
        """Report a decision; the parameters are those of `decision_message`."""
        publish = partial(self._publish, ts, reason, action, why, step, entry, quantity)
        self._host.defer(publish)

    def _publish(
        self,
        ts: int,
        reason: str,
        action: str,
        why: str | None,
        step: Step | None,
        entry: Entry | None,
        quantity: Decimal | None,
    ) -> None:
        host = self._host
        message = decision_message(
            host.config.instrument_id,
            host.id.value,
            ts,
            max(host.clock.timestamp_ns(), ts - 1),
            interval_ns=self._interval_ns,
            tick=host.units.tick,
            reason=str(reason),
            action=str(action),
            why=None if why is None else str(why),
            step=step,
            entry=entry,
            quantity=quantity,
        )
        host.publish_data(message.data_type, message)
