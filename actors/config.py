"""The common configuration of all actors that close bars."""

from collections.abc import Iterable
from typing import ClassVar

from nautilus_trader.common.config import ActorConfig
from nautilus_trader.model.data import BarType
from nautilus_trader.model.identifiers import InstrumentId

from catalog.market_hours import closed_time
from errors import ParameterError
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveFloat
from indicators.core.gaps import GapFinder


def minute_candles(instrument_id: InstrumentId) -> BarType:
    """Return the type of the one-minute candles that a venue or a vendor gives."""
    return BarType.from_str(f"{instrument_id}-1-MINUTE-LAST-EXTERNAL")


def own_minute_bars(instrument_id: InstrumentId) -> BarType:
    """Return the type of the one-minute bars that an actor closes itself from trades."""
    return BarType.from_str(f"{instrument_id}-1-MINUTE-LAST-INTERNAL")


def named_bars(instrument_id: InstrumentId, specs: Iterable[str]) -> tuple[BarType, ...]:
    """
    Return bar types of an instrument by their texts without it (``1-MINUTE-LAST-EXTERNAL``).

    Raises
    ------
    ParameterError
        If a text is no such type.

    """
    found = []
    for spec in specs:
        try:
            found.append(BarType.from_str(f"{instrument_id}-{spec}"))
        except ValueError as error:
            raise ParameterError("bars", f"{spec!r} is no bar type ({error})") from error
    return tuple(found)


class BarActorConfig(ActorConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configuration for `BarActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument whose bars are closed.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`).
    close_delay_ms : NonNegativeInt, default 250
        How long a live bar waits for ticks still on the wire. A backtest never waits.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    DATA: ClassVar[tuple[str, ...]] = ("QuoteTick", "TradeTick")
    """The types of data without which a run is refused."""

    instrument_id: InstrumentId
    gap_after_s: PositiveFloat = 60.0
    close_delay_ms: NonNegativeInt = 250

    def __post_init__(self) -> None:
        self.gap_finder()

    @property
    def bar_types(self) -> tuple[BarType, ...]:
        """
        Return the bars that the actor takes, by Nautilus's types.

        EXTERNAL bars are those of the venue or of a catalog: the run reads them, a node subscribes
        to them. One INTERNAL type, of last prices, is closed by the actor itself from trades.
        """
        return ()

    def gap_finder(self, gap_after_s: float | None = None) -> GapFinder:
        """
        Return the rule for gaps in the data of the instrument, unused so far.

        Parameters
        ----------
        gap_after_s : float, optional
            A limit (s) other than that of the configuration.

        Raises
        ------
        ParameterError
            If the limit is out of its range.

        """
        limit_s = self.gap_after_s if gap_after_s is None else gap_after_s
        return GapFinder(limit_s, closed_time(self.instrument_id.venue.value))
