"""Configuration of the actor of a recorder."""

from typing import Any

from actors.config import BarActorConfig
from actors.config import named_bars


class RecordingActorConfig(BarActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `RecordingActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument.
    bars : tuple[str, ...], default ()
        The bars of the venue that are recorded beside its quotes and trades, by their types without
        the instrument (``1-MINUTE-LAST-EXTERNAL``).

    """

    bars: tuple[str, ...] = ()

    @property
    def bar_types(self) -> tuple[Any, ...]:
        return named_bars(self.instrument_id, self.bars)
