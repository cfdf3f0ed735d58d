"""Stop a node in order: entries first, then its engines and clients, then remaining tasks."""

import asyncio
from collections.abc import Iterable

from configs.live import LiveConfig
from live.node_protocols import Node
from live.operator_commands import OperatorCommands
from strategies.common.nautilus.strategy import TradingStrategy


# As long as it takes to be certain that an unconfirmed order will never work.
ORDERS_GONE_S = 10.0
STOP_S = 1.0


async def stop_node(
    node: Node,
    config: LiveConfig,
    strategies: Iterable[TradingStrategy],
    operator: OperatorCommands,
    running: "asyncio.Task[None]",
) -> None:
    """
    Stop a node, also one that has not started or has stopped by itself.

    Parameters
    ----------
    node : Node
        The node.
    config : LiveConfig
        Its configuration, which limits how long a stop may take.
    strategies : Iterable[TradingStrategy]
        Its strategies.
    operator : OperatorCommands
        Cancels the entries.
    running : asyncio.Task
        The task that runs the node.

    """
    kernel = node.kernel
    if kernel.trader.is_running:
        # Entries are canceled; the protective stop of an open position stays at the venue.
        operator.deactivate()
        await _wait_until_no_entry_pends(strategies)
    limit_s = config.node.timeout_disconnection + config.node.timeout_post_stop
    # A component that fails makes the kernel stop by itself.
    stopping = {asyncio.ensure_future(_until_stopped(node))}
    await asyncio.wait(stopping, timeout=limit_s + STOP_S)
    running.cancel()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    _, late = await asyncio.wait(left, timeout=STOP_S) if left else (set(), set())
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


async def _wait_until_no_entry_pends(strategies: Iterable[TradingStrategy]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + ORDERS_GONE_S
    while loop.time() < end and any(
        trade.is_entry_pending for s in strategies for trade in s.manager.trades.values()
    ):
        await asyncio.sleep(0.05)


async def _until_stopped(node: Node) -> None:
    kernel = node.kernel
    if kernel.is_running() and not kernel._is_stopping:
        await node.stop_async()
    while kernel.is_running():
        await asyncio.sleep(0.05)
