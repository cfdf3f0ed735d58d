"""The instrument a component works on."""

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Instrument


def required_instrument(cache: CacheFacade, instrument_id: InstrumentId) -> Instrument:
    """
    Return the definition of an instrument.

    Raises
    ------
    RuntimeError
        If the cache does not hold it.

    """
    instrument = cache.instrument(instrument_id)
    if instrument is None:
        raise RuntimeError(
            f"instrument {instrument_id} is not in the cache: add it to the catalog or to the "
            "client's instrument provider"
        )
    return instrument
