"""The commands of an operator for a running node."""

import asyncio
import os
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from errors import AuctionError
from errors import shortened
from live.account_watch import AccountWatch
from live.account_watch import unknown
from live.node_calls import set_halted
from live.node_protocols import Node
from live.open_trades import find_trade
from live.open_trades import has_trade
from live.readiness import Readiness
from live.venue_position import can_query
from live.venue_position import query_venue_position
from strategies.common.book_status import trades_text
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


POLL_S = 0.05
AGAIN_S = 1.0


class OperatorCommands:
    """
    Activate, flatten and halt the strategies of a node.

    All methods run on the node's event loop.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    readiness : Readiness
        Reports what is missing for an activation.
    account : AccountWatch
        Checks the accounts.
    flatten_timeout_s : float
        The time (s) within which a position must be flat.

    """

    def __init__(
        self,
        node: Node,
        strategies: Iterable[TradingStrategy],
        readiness: Readiness,
        account: AccountWatch,
        flatten_timeout_s: float,
    ) -> None:
        self._node = node
        self._strategies = tuple(strategies)
        self._readiness = readiness
        self._account = account
        self._deactivations = 0
        self._flatten_timeout_s = flatten_timeout_s
        self.shutdown = asyncio.Event()

    async def activate(self) -> None:
        """
        Permit entries, if nothing is missing and the venue confirms that the accounts are suitable.

        Raises
        ------
        AuctionError
            If anything is missing, unsuitable or unknown.

        """
        before = self._deactivations
        missing = self._readiness.missing()
        if not missing:
            try:
                missing = await self._account.refusals()
            except AuctionError as error:
                missing = [unknown(error)]
            # The query of the venue may have taken seconds.
            missing = missing or self._readiness.missing()
        if not missing and self._deactivations > before:
            missing = ["another command arrived meanwhile"]
        if missing:
            raise AuctionError(f"not activated: {'; '.join(missing)}")
        for strategy in self._strategies:
            strategy.active = True

    def deactivate(self) -> None:
        """Stop entering; open positions stay managed."""
        self._check_running()
        self._deactivations += 1
        for strategy in self._strategies:
            strategy.active = False
            strategy.stop_entries(DropReason.DEACTIVATED)

    async def flatten(self) -> None:
        """
        Stop entering, and close all positions at market.

        The state at a real venue decides: a position that no strategy knows of is closed as well,
        and the account is flat only when the venue confirms it.

        Raises
        ------
        AuctionError
            If a position is not flat in time, or the venue does not confirm it. Its protective stop
            stays at the venue.

        """
        self.deactivate()
        for strategy in self._strategies:
            strategy.flatten()
        loop = asyncio.get_running_loop()
        end = loop.time() + self._flatten_timeout_s
        while True:
            while not self.is_flat and loop.time() < end:
                await asyncio.sleep(POLL_S)
            if not self.is_flat:
                raise AuctionError(
                    f"not flat after {self._flatten_timeout_s:g} s: {self._open()}: "
                    "check the position at the venue"
                )
            left = await self._left_at_venue()
            if not left:
                return
            if loop.time() > end:
                raise AuctionError(f"not flat: the account holds {left}: check the venue")

    async def flatten_trade(self, name: str) -> None:
        """
        Close one trade at market, or cancel its entry; all other trading goes on.

        Parameters
        ----------
        name : str
            The id of the trade; `STRATEGY:ID` where several strategies have one of that id.

        Raises
        ------
        AuctionError
            If no such trade is open, or it is not closed in time. Its protective stop stays.

        """
        self._check_running()
        strategy, trade_id = find_trade(self._strategies, name)
        strategy.flatten(trade_id=trade_id)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._flatten_timeout_s
        while has_trade(strategy, trade_id):
            if loop.time() >= end:
                raise AuctionError(
                    f"trade {trade_id} of {strategy.id} is not closed after "
                    f"{self._flatten_timeout_s:g} s: check the position at the venue"
                )
            await asyncio.sleep(POLL_S)

    async def _left_at_venue(self) -> str:
        """Return the positions at the venue that no strategy owns, and close those it confirms."""
        bus = self._node.kernel.msgbus
        found: list[str] = []
        for strategy in self._strategies:
            if not can_query(bus, strategy):
                continue
            held, price = await query_venue_position(bus, strategy)
            if held:
                # A fill may be booked before the position includes it.
                await asyncio.sleep(AGAIN_S)
                held, price = await query_venue_position(bus, strategy)
            if not held:
                continue
            instrument_id = strategy.config.instrument_id
            found.append(f"{held} of {instrument_id}")
            owners = [s for s in self._strategies if s.config.instrument_id == instrument_id]
            if len(owners) == 1 and strategy.is_flat and price is not None:
                text = f"{instrument_id}: the account holds {held}, the strategy is flat"
                strategy.protect_unknown_position(held, price, text)
                strategy.flatten()
        return ", ".join(found)

    def change(self, changes: Mapping[str, Any], instrument_id: str | None = None) -> None:
        """
        Change parameters of the strategies of an instrument, or of all, from the next bar on.

        Parameters
        ----------
        changes : Mapping[str, Any]
            The new values by name, as plain values.
        instrument_id : str, optional
            The instrument; None for all.

        Raises
        ------
        AuctionError
            If no strategy trades the instrument, or one rejects the changes; then none is changed.

        """
        self._check_running()
        chosen = [
            strategy
            for strategy in self._strategies
            if instrument_id in (None, strategy.config.instrument_id.value)
        ]
        if not chosen:
            traded = ", ".join(s.config.instrument_id.value for s in self._strategies)
            raise AuctionError(f"{shortened(instrument_id)}: not traded here; there are {traded}")
        for strategy in chosen:
            strategy.check_settings(changes)
        for strategy in chosen:
            strategy.change_settings(changes)

    async def halt(self) -> None:
        """
        Stop entering, close all positions, and deny every order once flat.

        In this order: a halted risk engine denies exits as well.

        Raises
        ------
        AuctionError
            If a position is not flat in time. Then exits stay permitted, and nothing is entered.

        """
        self._check_running()
        for strategy in self._strategies:
            strategy.active = False
            strategy.halt_entries()
            strategy.stop_entries(DropReason.HALTED)
        await self.flatten()
        set_halted(self._node, halted=True)

    def resume(self) -> None:
        """End a halt; the strategies only observe until they are activated."""
        self._check_running()
        set_halted(self._node, halted=False)
        for strategy in self._strategies:
            strategy.resume_entries()

    @property
    def is_flat(self) -> bool:
        """Return True if no strategy has a position or an order, and the venue reports none."""
        held = any(
            self._node.cache.positions_open(instrument_id=strategy.config.instrument_id)
            for strategy in self._strategies
        )
        return not held and all(strategy.is_flat for strategy in self._strategies)

    def status(self) -> dict[str, Any]:
        """Return the state of the node and its strategies, serializable as JSON."""
        return {
            "mode": self._readiness.mode,
            "trader_id": self._node.trader_id.value,
            "pid": os.getpid(),
            "state": self._node.kernel.trader.state.name,
            "trading_state": self._node.kernel.risk_engine.trading_state.name,
            "missing": self._readiness.missing(),
            "warnings": self._account.warnings,
            "strategies": [self._of(s) for s in self._strategies if self._readiness.is_running],
        }

    def _of(self, strategy: TradingStrategy) -> dict[str, Any]:
        age_s = self._readiness.quote_age_s(strategy.config.instrument_id)
        return {
            "strategy_id": strategy.id.value,
            "instrument_id": strategy.config.instrument_id.value,
            "active": strategy.active,
            "warm": strategy.warm,
            "stale": strategy.stale,
            "halted": strategy.manager.halted,
            "killed": strategy.manager.ledger.killed,
            "position": str(strategy.position),
            "trades": strategy.describe_trades(),
            "day_pnl": str(strategy.manager.ledger.day_pnl),
            "quote_age_s": None if age_s is None else round(age_s, 3),
            "settings": strategy.settings(),
        }

    def _check_running(self) -> None:
        if not self._readiness.is_running:
            raise AuctionError("the node is not running yet")

    def _open(self) -> str:
        held = []
        for strategy in self._strategies:
            trades = trades_text(strategy.describe_trades())
            held.append(f"{strategy.id} {strategy.position}{trades and f' in {trades}'}")
        return ", ".join(held)
