"""Checks on a node that is built and connected, but never started."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from configs.live import LiveConfig
from errors import AuctionError
from live.build import build_node
from live.node_calls import set_halted
from live.node_protocols import Node


TIMEOUT_S = 30.0
DISCONNECT_S = 5.0
POLL_S = 0.05


class ProbeNode:
    """
    Connects the clients of a configuration, without journal, actors of the environment or orders.

    On paper only the data clients are connected; the simulated venue is in the node.

    Parameters
    ----------
    config : LiveConfig
        The configuration, loaded without the actors of the environment.
    timeout_s : float, default 30
        How long the clients may take to connect (s).

    Raises
    ------
    UsageError
        If the node cannot be built, such as without a key.

    """

    def __init__(self, config: LiveConfig, timeout_s: float = TIMEOUT_S) -> None:
        self._config = config
        self._timeout_s = timeout_s
        self._loop = asyncio.new_event_loop()
        try:
            self.node: Node = build_node(config, self._loop)
        except BaseException:
            self._loop.close()
            raise

    def connection(self) -> str:
        """
        Return how long the clients took to connect.

        Raises
        ------
        AuctionError
            If one did not connect in time.

        """
        return self._loop.run_until_complete(self._connect())

    def instruments(self) -> str:
        """
        Return the instruments with their ticks, as the venues define them.

        Raises
        ------
        AuctionError
            If a client does not know one.

        """
        known = {
            str(instrument.id): instrument
            for client in self._data_clients()
            for instrument in client._instrument_provider.list_all()
        }
        missing = [name for name in self._config.instrument_ids if name not in known]
        if missing:
            raise AuctionError(f"{', '.join(missing)}: not known to the venue: check the symbol")
        parts = (f"{n}, tick {known[n].price_increment}" for n in self._config.instrument_ids)
        return "; ".join(parts)

    def kill_switch(self) -> str:
        """
        Halt and resume the risk engine of this node, not of one that runs.

        Raises
        ------
        AuctionError
            If either has no effect.

        """
        for is_halted, expected in ((True, "HALTED"), (False, "ACTIVE")):
            set_halted(self.node, halted=is_halted)
            state = self.node.kernel.risk_engine.trading_state.name
            if state != expected:
                raise AuctionError(f"the risk engine is {state} where {expected} is expected")
        return "halt and resume work"

    def close(self) -> None:
        """Disconnect, and dispose of the node."""
        self._loop.run_until_complete(self._disconnect())
        dispose: Callable[[], None] = self.node.dispose  # type: ignore[attr-defined]
        dispose()

    def _data_clients(self) -> list[Any]:
        return list(self.node.kernel.data_engine._clients.values())

    def _clients(self) -> list[Any]:
        real = self._config.mode == "live"
        orders = self.node.kernel.exec_engine._clients.values() if real else ()
        return [*self._data_clients(), *orders]

    async def _connect(self) -> str:
        began = time.monotonic()
        clients = self._clients()
        for client in clients:
            client.connect()
        while not all(client.is_connected for client in clients):
            if time.monotonic() - began > self._timeout_s:
                late = ", ".join(str(client.id) for client in clients if not client.is_connected)
                raise AuctionError(
                    f"{late}: not connected within {self._timeout_s:g} s: check the network and "
                    "the key; the log above may say why"
                )
            await asyncio.sleep(POLL_S)
        names = ", ".join(str(client.id) for client in clients)
        return f"{names}: connected within {time.monotonic() - began:.1f} s"

    async def _disconnect(self) -> None:
        clients = [client for client in self._clients() if client.is_connected]
        for client in clients:
            client.disconnect()
        end = time.monotonic() + DISCONNECT_S
        while time.monotonic() < end and any(client.is_connected for client in clients):
            await asyncio.sleep(POLL_S)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
