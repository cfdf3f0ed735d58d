"""Book the funding of a strategy's instrument."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from actors.messages import FundingPayment
from strategies.common.book_params import PositionMode
from strategies.common.commands import Command
from strategies.common.nautilus.host import StrategyHost


class FundingHost(StrategyHost, Protocol):
    """Represents a strategy whose positions pay funding."""

    funded_until_ns: int

    def execute(self, commands: Sequence[Command], ts: int) -> None: ...

    def keep_state(self, cause: str) -> None: ...


class FundingListener:
    """
    Books the funding paid for the positions of one strategy in its trade book.

    Parameters
    ----------
    host : FundingHost
        The strategy, on its start.

    """

    def __init__(self, host: FundingHost) -> None:
        self._host = host

    def start(self) -> None:
        """Listen to the payments."""
        self._host.msgbus.subscribe(topic=FundingPayment.topic(), handler=self._take)

    def stop(self) -> None:
        """Listen no more."""
        self._host.msgbus.unsubscribe(topic=FundingPayment.topic(), handler=self._take)

    def _take(self, payment: FundingPayment) -> None:
        host = self._host
        if payment.strategy_id != host.id.value:
            return
        if payment.instrument_id != host.config.instrument_id:
            return
        ts = payment.ts_event
        host.funded_until_ns = max(host.funded_until_ns, ts)
        is_netting = host.manager.book_params.positions is PositionMode.NETTING
        side = None if is_netting else 1 if payment.quantity > 0 else -1
        commands = host.manager.on_funding(ts, Decimal(str(payment.paid)), side)
        host.execute(commands, ts)
        if not commands:
            host.keep_state("FUNDING")
