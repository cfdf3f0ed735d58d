"""What an operator can do with a running node."""

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
from live.venue_word import can_be_asked
from live.venue_word import held_at_venue
from strategies.common.book_status import trades_text
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason


LOOK_S = 0.05
AGAIN_S = 1.0


class OperatorCommands:
    """
    Activates, flattens and halts the strategies of a node.

    All methods belong to the node's event loop.

    Parameters
    ----------
    node : Node
        The node, built.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    readiness : Readiness
        Tells what is missing.
    account : AccountWatch
        Knows whether the accounts fit.
    flatten_timeout_s : float
        How long a position may take to be flat (s).

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
        Let the strategies enter, if nothing is missing and the venue says that the accounts fit.

        Raises
        ------
        AuctionError
            If anything is missing, does not fit or is not known.

        """
        before = self._deactivations
        missing = self._readiness.missing()
        if not missing:
            try:
                missing = await self._account.refusals()
            except AuctionError as error:
                missing = [unknown(error)]
            # The venue may have taken seconds.
            missing = missing or self._readiness.missing()
        if not missing and self._deactivations > before:
            missing = ["another command has come meanwhile"]
        if missing:
            raise AuctionError(f"not activated: {'; '.join(missing)}")
        for strategy in self._strategies:
            strategy.active = True

    def deactivate(self) -> None:
        """Enter nothing more; open positions stay managed."""
        self._check_running()
        self._deactivations += 1
        for strategy in self._strategies:
            strategy.active = False
            strategy.stop_entries(DropReason.DEACTIVATED)

    async def flatten(self) -> None:
        """
        Enter nothing more, and close all positions at market.

        A real venue has the last word: a position that it has and the strategy does not know of is
        closed as well, and it is flat when the venue says so.

        Raises
        ------
        AuctionError
            If a position is not flat in time, or the venue does not say so. Its protective stop
            works on.

        """
        self.deactivate()
        for strategy in self._strategies:
            strategy.flatten()
        loop = asyncio.get_running_loop()
        end = loop.time() + self._flatten_timeout_s
        while True:
            while not self.is_flat and loop.time() < end:
                await asyncio.sleep(LOOK_S)
            if not self.is_flat:
                raise AuctionError(
                    f"not flat after {self._flatten_timeout_s:g} s: {self._open()}: "
                    "look at the venue"
                )
            left = await self._left_at_venue()
            if not left:
                return
            if loop.time() > end:
                raise AuctionError(f"not flat: the account holds {left}: look at the venue")

    async def flatten_trade(self, name: str) -> None:
        """
        Close one trade at market, or give up its entry; all else goes on.

        Parameters
        ----------
        name : str
            The id of the trade; `STRATEGY:ID` where several strategies have one of that id.

        Raises
        ------
        AuctionError
            If no such trade is open, or it is not closed in time. Its protective stop works on.

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
                    f"{self._flatten_timeout_s:g} s: look at the venue"
                )
            await asyncio.sleep(LOOK_S)

    async def _left_at_venue(self) -> str:
        """Ask the venue for what strategies do not know of; close what it insists on."""
        bus = self._node.kernel.msgbus
        found: list[str] = []
        for strategy in self._strategies:
            if not can_be_asked(bus, strategy):
                continue
            held, price = await held_at_venue(bus, strategy)
            if held:
                # A fill may be in the books before it is in the position.
                await asyncio.sleep(AGAIN_S)
                held, price = await held_at_venue(bus, strategy)
            if not held:
                continue
            instrument_id = strategy.config.instrument_id
            found.append(f"{held} of {instrument_id}")
            owners = [s for s in self._strategies if s.config.instrument_id == instrument_id]
            if len(owners) == 1 and strategy.is_flat and price is not None:
                text = f"{instrument_id}: the account holds {held}, the strategy is flat"
                strategy.hold(held, price, text)
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
            The instrument; without it all.

        Raises
        ------
        AuctionError
            If no strategy trades the instrument, or one cannot take the changes; then none does.

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
        Enter nothing more, leave, and when flat deny every order.

        In this order: a halted risk engine denies exits as well.

        Raises
        ------
        AuctionError
            If a position is not flat in time. Then exits stay allowed, and nothing is entered.

        """
        self._check_running()
        for strategy in self._strategies:
            strategy.active = False
            strategy.halt_entries()
            strategy.stop_entries(DropReason.HALTED)
        await self.flatten()
        set_halted(self._node, halted=True)

    def resume(self) -> None:
        """End a halt; the strategies stay in observation until they are activated."""
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
        """Return the state of the node and its strategies, fit for JSON."""
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
