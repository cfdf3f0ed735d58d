"""Configuration of the actor of footprints and regimes."""

from datetime import date
from pathlib import Path

from actors.footprint.config import FootprintActorConfig
from actors.regime.params import RegimeParams
from catalog.news_calendar import NewsCalendar
from catalog.news_file import read_news
from errors import ParameterError
from indicators.constraints import NonNegativeInt


class RegimeActorConfig(FootprintActorConfig, frozen=True, kw_only=True):  # type: ignore[call-arg]
    """
    Configuration for `RegimeActor`; its footprints are documented at `FootprintActorConfig`.

    Parameters
    ----------
    lookback_minutes : NonNegativeInt, default 1,440
        How far a node reads back at its start; the regime depends on the last 200 bars.
    regime : RegimeParams
        The rules of the regime.
    news_file : str, optional
        A calendar of news, `.csv` or `.ics` (`read_news`); null trades through news.
    news_known_until : str, optional
        The last day (ISO 8601) for which it lists all events, in place of that in the file.
    news_buffer_minutes : NonNegativeInt, default 15
        The minutes before and after each event that belong to its window.

    Raises
    ------
    ParameterError
        If a value is out of its range.

    """

    lookback_minutes: NonNegativeInt = 1_440
    regime: RegimeParams = RegimeParams()
    news_file: str | None = None
    news_known_until: str | None = None
    news_buffer_minutes: NonNegativeInt = 15

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.news_known_until is not None:
            if self.news_file is None:
                raise ParameterError("news_known_until", "there is no news_file")
            try:
                date.fromisoformat(self.news_known_until)
            except ValueError as e:
                raise ParameterError(
                    "news_known_until", f"{self.news_known_until!r} is no date such as 2026-12-31"
                ) from e

    def news(self) -> NewsCalendar | None:
        """
        Read the calendar of news; None without one.

        Raises
        ------
        AuctionError
            If the file cannot be trusted.

        """
        if self.news_file is None:
            return None
        known = self.news_known_until
        until = None if known is None else date.fromisoformat(known)
        return read_news(Path(self.news_file), until, self.news_buffer_minutes)
