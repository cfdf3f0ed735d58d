"""Databento's live data in a node: configuration, factory, and contracts."""

import asyncio
from collections.abc import Sequence
from datetime import date

from nautilus_trader.adapters.databento.config import DatabentoDataClientConfig
from nautilus_trader.adapters.databento.factories import get_cached_databento_http_client
from nautilus_trader.adapters.databento.factories import get_cached_databento_instrument_provider
from nautilus_trader.adapters.databento.loaders import DatabentoDataLoader
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import MessageBus
from nautilus_trader.config import RoutingConfig
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.identifiers import InstrumentId

from adapters.databento.continuous import contract_on
from adapters.databento.continuous import parse_rolling
from adapters.databento.live_client import CheckedDatabentoDataClient
from catalog.credentials import credential
from errors import UsageError
from indicators.constraints import PositiveFloat


KEY_VARIABLE = "DATABENTO_API_KEY"
_KEY_LENGTH = 32


class DatabentoLiveConfig(DatabentoDataClientConfig, frozen=True):  # type: ignore[call-arg,misc]
    """
    Represents the configuration of a live client.

    Parameters
    ----------
    login_timeout_s : float
        The timeout of the login (s).

    """

    login_timeout_s: PositiveFloat = 10.0


class CheckedDatabentoDataClientFactory(LiveDataClientFactory):  # type: ignore[misc]
    """Builds live clients with the workarounds of `adapters.databento.live_client`."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: DatabentoLiveConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> CheckedDatabentoDataClient:
        """
        Return a client.

        Raises
        ------
        UsageError
            If the key is in the configuration, missing or malformed, or an instrument is named by
            a parent or continuous symbol.

        """
        if config.api_key is not None:
            raise UsageError(
                f"api_key: a configuration is written to the run folder: set {KEY_VARIABLE} "
                "in the environment instead",
            )
        key = credential(KEY_VARIABLE)
        if len(key) != _KEY_LENGTH:
            state = "has no 32 characters" if key else "is not set"
            raise UsageError(f"{KEY_VARIABLE} {state}: set it to your Databento key")
        http_client = get_cached_databento_http_client(
            key=key,
            use_exchange_as_venue=config.use_exchange_as_venue,
        )
        loader = DatabentoDataLoader(config.venue_dataset_map)
        provider = get_cached_databento_instrument_provider(
            http_client=http_client,
            clock=clock,
            live_api_key=key,
            loader=loader,
            config=config.instrument_provider,
            use_exchange_as_venue=config.use_exchange_as_venue,
        )
        return CheckedDatabentoDataClient(
            loop=loop,
            http_client=http_client,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            instrument_provider=provider,
            loader=loader,
            config=config,
            name=name,
            login_timeout_s=config.login_timeout_s,
        )


def databento_data_factory() -> type[CheckedDatabentoDataClientFactory]:
    """
    Return the factory class, for `factory.path` of a client's section in a configuration.

    Nautilus calls the object at the path without arguments and reads `__name__` of the result: a
    function that returns the class works, the class itself does not.
    """
    return CheckedDatabentoDataClientFactory


def live_config(instrument_ids: Sequence[str], on: date) -> DatabentoLiveConfig:
    """
    Return the configuration of a client that serves some instruments and all strategies.

    Parameters
    ----------
    instrument_ids : Sequence[str]
        The instruments. Parent and continuous symbols (`ES.v.0.XCME`) are resolved.
    on : date
        The day of the resolution (UTC).

    Raises
    ------
    UsageError
        If an id is invalid, or none is given: nothing would be loaded and nothing received.

    """
    if not instrument_ids:
        raise UsageError("instrument_ids: none given: there would be no data")
    resolved = dict.fromkeys(resolve_instrument_id(text, on) for text in instrument_ids)
    return DatabentoLiveConfig(
        instrument_ids=[InstrumentId.from_str(text) for text in resolved],
        routing=RoutingConfig(default=True),
    )


def resolve_instrument_id(instrument_id: str, on: date) -> str:
    """
    Return the contract of an instrument id on a day.

    Nautilus delivers under the contract whatever symbol was subscribed to, so ids of parent and
    continuous symbols must be resolved before a node starts. A node keeps its contract: restart
    it, flat, for the next one; `adapters.databento.continuous.next_roll` returns the day.

    Parameters
    ----------
    instrument_id : str
        `ES.v.0.XCME`, `ES.FUT.XCME`, or a contract, which is returned unchanged.
    on : date
        The day (UTC).

    Raises
    ------
    UsageError
        If the id is invalid or the root is unknown.

    """
    symbol, _, venue = instrument_id.rpartition(".")
    if not symbol or not venue:
        raise UsageError(f"instrument_id: {instrument_id!r} must be SYMBOL.VENUE, like NQZ5.XCME")
    if parse_rolling(symbol) is None:
        return instrument_id
    return f"{contract_on(symbol, on)}.{venue}"
