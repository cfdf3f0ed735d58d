"""Publish the funding payments that the venue settles."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from actors.messages import FundingPayment
from adapters.bybit.funding_payments import FundingPayments
from adapters.bybit.funding_payments import Payment
from configs.documents import one_line
from configs.node_settings import NodeSettings
from live.client_protocols import ReportsFunding
from live.node_protocols import Node
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.nautilus.strategy import TradingStrategy


HOUR_S = 3600.0
# Settlements are at full hours; the venue needs a moment to book them.
BOOKED_AFTER_S = 2.0
RETRY_S = 5.0
# A settlement that is booked up to this late is still found.
LATEST_NS = 3_600_000_000_000
# A single failed query raises no alert.
ALERT_AFTER = 2


@dataclass(frozen=True, slots=True)
class _Account:
    strategy: TradingStrategy
    source: FundingPayments
    unknown: AlertThrottle


class FundingWatch:
    """
    Query real venues for settled funding, and publish each payment once.

    It queries at the start, then every `funding_look_s`, and two seconds after each full hour.
    Payments settled while the node was down or disconnected are included: each strategy keeps in
    its state the time up to which funding is booked. A simulated venue publishes its own.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies. Funding of an instrument goes to the first that trades it: the venue has one
        position per instrument.
    settings : NodeSettings
        The times.

    """

    def __init__(
        self,
        node: Node,
        strategies: Iterable[TradingStrategy],
        settings: NodeSettings,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._interval_s = float(settings.funding_look_s)
        self._failures = 0

    async def watch(self) -> None:
        """Query repeatedly; runs as a task of the node."""
        accounts = list(self._accounts())
        try:
            while True:
                answers = [await self._query(account) for account in accounts]
                self._failures = 0 if all(answers) else self._failures + 1
                await asyncio.sleep(self._wait_s())
        finally:
            for account in accounts:
                account.source.close()

    def _accounts(self) -> Iterable[_Account]:
        seen = set()
        clients = self._node.kernel.exec_engine._clients.values()
        for client in [c for c in clients if isinstance(c, ReportsFunding)]:
            for strategy in self._strategies:
                instrument_id = strategy.config.instrument_id
                if instrument_id.venue == client.venue and instrument_id not in seen:
                    seen.add(instrument_id)
                    yield _Account(strategy, client.funding_payments(), AlertThrottle())

    async def _query(self, account: _Account) -> bool:
        strategy = account.strategy
        now = time.time_ns()
        instrument_id = strategy.config.instrument_id
        symbol, _, category = instrument_id.symbol.value.rpartition("-")
        try:
            payments = await asyncio.to_thread(
                account.source.between,
                category.lower(),
                symbol,
                strategy.funded_until_ns,
                now,
            )
        # On any failure of the query trading goes on.
        except Exception as error:
            self._node.kernel.logger.warning(f"Funding is not known: {one_line(error)}")
            if account.unknown.is_due(now, self._failures + 1 >= ALERT_AFTER):
                text = f"the funding settled is not known: {one_line(error)}; the query is retried"
                strategy.alert(now, "FUNDING_UNKNOWN", text)
            return False
        account.unknown.is_due(now, False)
        for payment in payments:
            _publish(strategy, payment)
        strategy.funded_until_ns = max(strategy.funded_until_ns, now - LATEST_NS)
        return True

    def _wait_s(self) -> float:
        if self._failures:
            return min(self._interval_s, RETRY_S)
        until_settlement = HOUR_S - (time.time() - BOOKED_AFTER_S) % HOUR_S
        return min(self._interval_s, until_settlement)


def _publish(strategy: TradingStrategy, payment: Payment) -> None:
    message = FundingPayment(
        strategy.config.instrument_id,
        payment.ts_ns,
        max(time.time_ns(), payment.ts_ns),
        strategy_id=strategy.id.value,
        rate=float(payment.rate),
        price=float(payment.price),
        quantity=float(payment.quantity),
        paid=float(payment.paid),
    )
    strategy.publish_data(message.data_type, message)
