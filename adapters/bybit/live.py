"""
Bybit clients based on Nautilus's: configurations, factories, engine settings.

Production and the loopback server differ only in addresses. Shortcomings of Nautilus's adapter and
where they are corrected:

- no address for the public socket: `LiveBybitDataClientConfig.base_url_ws_public`;
- quotes of any book level, and books reset by quotes: `adapters.bybit.live_data`;
- fees of 0.1 % where they are not known: `adapters.bybit.live_data`;
- orders that it cannot send, trigger prices that are not amended, cancels of other strategies'
  orders, and requests that the rate limit rejected: `adapters.bybit.live_execution`;
- fills made of funding and settlement rows, and rows without a stated kind:
  `adapters.bybit.fills_execution`;
- rejected orders of a demo account taken for unknown ones: `adapters.bybit.demo`;
- fills that are lost while the private socket is down: `live_exec_engine`.
"""

import asyncio
from typing import Any
from typing import ClassVar

from nautilus_trader.adapters.bybit.config import BybitDataClientConfig
from nautilus_trader.adapters.bybit.config import BybitExecClientConfig
from nautilus_trader.adapters.bybit.config import _resolve_environment
from nautilus_trader.adapters.bybit.constants import BYBIT_ALL_PRODUCTS
from nautilus_trader.adapters.bybit.factories import BybitLiveDataClientFactory
from nautilus_trader.adapters.bybit.factories import BybitLiveExecClientFactory
from nautilus_trader.adapters.bybit.factories import get_cached_bybit_http_client
from nautilus_trader.adapters.bybit.factories import get_cached_bybit_instrument_provider
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.config import LiveExecEngineConfig

from adapters.bybit.fill_reports import account_keys
from adapters.bybit.keys import load_keys
from adapters.bybit.live_data import LiveBybitDataClient
from adapters.bybit.live_execution import LiveBybitExecutionClient
from errors import UsageError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveInt


class LiveBybitDataClientConfig(BybitDataClientConfig, frozen=True):  # type: ignore[misc,call-arg]
    """
    Configures the data client.

    Parameters
    ----------
    base_url_ws_public : str, optional
        The address of the public socket; `{product}` is replaced with the product (`linear`).
        None is the default of the venue.
    quotes_from_book : bool, default True
        If quotes come from the book's level 1 (each change, 10 ms) and not from the ticker
        (100 ms).

    """

    base_url_ws_public: str | None = None
    quotes_from_book: bool = True


class LiveBybitExecClientConfig(BybitExecClientConfig, frozen=True):  # type: ignore[misc,call-arg]
    """
    Configures the execution client.

    Parameters
    ----------
    rate_limit_retries : NonNegativeInt, default 8
        The number of retries of a cancel or a reduce-only order that the rate limit rejected.
    rate_limit_delay_ms : PositiveInt, default 250
        The pause before the first retry; each further one takes twice as long. A position is
        unprotected while its stop waits.

    """

    rate_limit_retries: NonNegativeInt = 8
    rate_limit_delay_ms: PositiveInt = 250


def account_key(config: object) -> str | None:
    """
    Return the key of the account that a client trades, None for a client of another venue.

    Parameters
    ----------
    config : object
        The configuration of an execution client.

    Raises
    ------
    UsageError
        If the key or its secret is neither in the configuration nor in the environment.

    """
    return account_keys(config)[0] if isinstance(config, BybitExecClientConfig) else None


class _ClientFactory:
    CLIENT: ClassVar[type[LiveBybitDataClient] | type[LiveBybitExecutionClient]]

    @classmethod
    def create(
        cls,
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: BybitDataClientConfig | BybitExecClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> Any:
        """Return a client; Nautilus calls this."""
        load_keys(str(_resolve_environment(config.environment)))
        client = get_cached_bybit_http_client(
            environment=_resolve_environment(config.environment),
            api_key=config.api_key,
            api_secret=config.api_secret,
            base_url=config.base_url_http,
            max_retries=config.max_retries,
            retry_delay_ms=config.retry_delay_initial_ms,
            retry_delay_max_ms=config.retry_delay_max_ms,
            recv_window_ms=config.recv_window_ms,
            proxy_url=config.proxy_url,
        )
        provider = get_cached_bybit_instrument_provider(
            client=client,
            product_types=tuple(config.product_types or BYBIT_ALL_PRODUCTS),
            config=config.instrument_provider,
        )
        return cls.CLIENT(
            loop=loop,
            client=client,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            instrument_provider=provider,
            config=config,
            name=name,
        )


# Nautilus recognizes the kind of a factory only by its base class.


class LiveBybitDataClientFactory(_ClientFactory, BybitLiveDataClientFactory):  # type: ignore[misc]
    """Builds `LiveBybitDataClient`."""

    CLIENT = LiveBybitDataClient


class LiveBybitExecClientFactory(_ClientFactory, BybitLiveExecClientFactory):  # type: ignore[misc]
    """Builds `LiveBybitExecutionClient`."""

    CLIENT = LiveBybitExecutionClient


def bybit_data_client_factory() -> type[LiveBybitDataClientFactory]:
    """Return the factory of data clients."""
    return LiveBybitDataClientFactory


def bybit_exec_client_factory() -> type[LiveBybitExecClientFactory]:
    """Return the factory of execution clients."""
    return LiveBybitExecClientFactory


def live_exec_engine(**settings: Any) -> LiveExecEngineConfig:
    """
    Return settings of the execution engine that recover events missed by the private socket.

    After a lost connection the client requests no snapshot: without the checks of open orders
    and positions, a fill of that time never arrives. The check of orders in flight is off: it takes
    a venue that does not answer for one without the order, and rejects it; the client has its own
    rule (`adapters.bybit.order_confirmation`).

    Parameters
    ----------
    settings
        Fields of `LiveExecEngineConfig` that differ.

    Returns
    -------
    LiveExecEngineConfig

    Raises
    ------
    UsageError
        If reconciliation or one of the two checks is off, if that of open orders also concludes
        from orders that are missing, or if that of orders in flight is on.

    """
    defaults = {
        "reconciliation": True,
        "reconciliation_lookback_mins": 1440,
        "open_check_interval_secs": 10.0,
        "position_check_interval_secs": 30.0,
        "inflight_check_interval_ms": 0,
        "graceful_shutdown_on_exception": True,
    }
    config = LiveExecEngineConfig(**{**defaults, **settings})
    check_exec_engine(config)
    return config


def check_exec_engine(config: LiveExecEngineConfig) -> None:
    """
    Refuse settings that can lose a fill for good or reject a working order.

    Raises
    ------
    UsageError
        If reconciliation or one of the two checks is off, if that of open orders also concludes
        from orders that are missing, or if that of orders in flight is on.

    """
    for name in ("reconciliation", "open_check_interval_secs", "position_check_interval_secs"):
        if not getattr(config, name):
            raise UsageError(
                f"exec_engine.{name}: is off, and fills during a lost connection would never "
                "arrive: switch it on",
            )
    if not config.open_check_open_only:
        raise UsageError(
            "exec_engine.open_check_open_only: is off, and working orders would be rejected "
            "while the venue does not answer: switch it on",
        )
    if config.inflight_check_interval_ms:
        raise UsageError(
            "exec_engine.inflight_check_interval_ms: is on, and working orders would be rejected "
            "while the venue does not answer: set it to 0",
        )
