"""What scripts of nodes on Bybit's loopback server share: configurations, and doing as told."""

import asyncio
import threading
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from nautilus_trader.common.config import InstrumentProviderConfig
from nautilus_trader.core.nautilus_pyo3 import BybitEnvironment
from nautilus_trader.core.nautilus_pyo3 import BybitProductType
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.identifiers import InstrumentId

from adapters.bybit.live import LiveBybitDataClientConfig


BTC = InstrumentId.from_str("BTCUSDT-LINEAR.BYBIT")
VENUE = "BYBIT"
TIMEOUTS = {"timeout_connection": 10.0, "timeout_disconnection": 2.0, "timeout_post_stop": 0.2}


def data_config(options: dict[str, Any]) -> LiveBybitDataClientConfig:
    """Return the configuration of the data client."""
    return LiveBybitDataClientConfig(
        **_shared(options),
        base_url_ws_public=options["public"].replace("linear", "{product}"),
        instrument_status_poll_secs=None,
    )


def execution_settings(options: dict[str, Any]) -> dict[str, Any]:
    """Return what any configuration of an execution client needs."""
    return {
        **_shared(options),
        "base_url_ws_private": options["private"],
        "base_url_ws_trade": options["trade"],
    }


def run_until_told(
    node: TradingNode, do: Callable[[Any], None], lines: Iterable[dict[str, Any]]
) -> None:
    """Run a node that does each line, until one is to quit or there are no more."""
    loop = node.get_event_loop()

    def listen() -> None:
        for line in lines:
            if line["do"] == "quit":
                break
            loop.call_soon_threadsafe(do, line)
        asyncio.run_coroutine_threadsafe(node.stop_async(), loop)

    threading.Thread(target=listen, daemon=True).start()
    node.run()
    node.dispose()


def _shared(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "environment": getattr(BybitEnvironment, options.get("environment", "MAINNET")),
        "product_types": (BybitProductType.LINEAR,),
        "base_url_http": options["url"],
        "api_key": options.get("api_key"),
        "api_secret": options.get("api_secret"),
        "instrument_provider": InstrumentProviderConfig(load_ids=frozenset({BTC})),
    }
