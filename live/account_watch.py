"""Check the accounts at real venues against the strategies' needs before they may enter."""

import asyncio
from collections.abc import Iterable
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from adapters.bybit.account_check import AccountReader
from adapters.bybit.account_check import Contract
from adapters.bybit.account_check import Verdict
from errors import AuctionError
from live.alerting import NodeAlerts
from live.client_protocols import ReadsAccount
from live.node_protocols import Node
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


TRIES = 3
TRY_PAUSE_S = 2.0


class AccountWatch:
    """
    Query each venue with an account of its own for the settings of account and API key.

    Parameters
    ----------
    node : Node
        The node, built. A simulated venue is not queried.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    alerts : NodeAlerts
        Receives account warnings, and the reasons why a restarted node may not enter.

    Attributes
    ----------
    warnings : list[str]
        Non-blocking findings of the last query.

    """

    def __init__(
        self, node: Node, strategies: Iterable[TradingStrategy], alerts: NodeAlerts
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._alerts = alerts
        self.warnings: list[str] = []

    async def refusals(self) -> list[str]:
        """
        Return the settings that block real orders, each as one line with its remedy.

        Raises
        ------
        AuctionError
            If a venue does not answer, or its answer is malformed.

        """
        found = Verdict()
        clients = self._node.kernel.exec_engine._clients.values()
        for client in [c for c in clients if isinstance(c, ReadsAccount)]:
            contracts = list(self._contracts(client))
            verdict = await asyncio.to_thread(_verdict, client.account_reader(), contracts)
            found.refusals.extend(verdict.refusals)
            found.warnings.extend(verdict.warnings)
        self.warnings = found.warnings
        if found.warnings:
            self._alerts.raise_alert("ACCOUNT_WARNING", "; ".join(found.warnings))
        return found.refusals

    async def confirm_recovered(self) -> None:
        """
        Deactivate the strategies that a restart left active, unless the accounts are suitable.

        Open positions stay managed. A venue that does not answer is queried again a few times.
        """
        recovered = [strategy for strategy in self._strategies if strategy.active]
        if not recovered:
            return
        reasons = await self._recovered_refusals()
        if not reasons:
            return
        for strategy in recovered:
            strategy.active = False
            strategy.stop_entries(DropReason.DEACTIVATED)
        self._alerts.raise_alert(
            "ACCOUNT_REFUSED", f"the restarted node only observes: {'; '.join(reasons)}"
        )

    async def _recovered_refusals(self) -> list[str]:
        reasons = []
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(TRY_PAUSE_S)
            try:
                return await self.refusals()
            except AuctionError as error:
                reasons = [unknown(error)]
        return reasons

    def _contracts(self, client: Any) -> Iterator[Contract]:
        largest: dict[Any, Decimal] = {}
        for strategy in self._strategies:
            instrument_id = strategy.config.instrument_id
            if instrument_id.venue == client.venue:
                wanted = Decimal(str(strategy.config.max_leverage))
                largest[instrument_id] = max(wanted, largest.get(instrument_id, wanted))
        for instrument_id, max_leverage in largest.items():
            symbol, _, category = instrument_id.symbol.value.rpartition("-")
            instrument = self._node.cache.instrument(instrument_id)
            yield Contract(category.lower(), symbol, max_leverage, instrument.taker_fee)


def unknown(error: AuctionError) -> str:
    """Return the reason to refuse an account whose settings could not be read."""
    return f"the settings of the account are not known: {error}"


def _verdict(reader: AccountReader, contracts: list[Contract]) -> Verdict:
    try:
        return reader.verdict(contracts)
    finally:
        reader.close()
