"""The instrument a component works on."""

from typing import Any
from typing import Protocol

from catalog.protocols import InstrumentKey


class Definitions(Protocol):
    """Represents a source of instrument definitions, such as Nautilus's cache."""

    def instrument(self, instrument_id: Any) -> Any:
        """Return a definition, None without one."""


def required_instrument(definitions: Definitions, instrument_id: InstrumentKey) -> Any:
    """
    Return the definition of an instrument.

    Raises
    ------
    RuntimeError
        If it is not known.

    """
    instrument = definitions.instrument(instrument_id)
    if instrument is None:
        raise RuntimeError(
            f"instrument {instrument_id} is not in the cache: add it to the catalog or to the "
            "client's instrument provider"
        )
    return instrument
