"""Publishes footprint bars of one instrument, and with each the regime of the market."""

from datetime import date
from typing import ClassVar

from actors.footprint.actor import FootprintActor
from actors.footprint.footprint import Footprint
from actors.footprint.messages import FootprintBar
from actors.footprint.series import ClosedFootprint
from actors.messages import Alert
from actors.messages import Message
from actors.regime.config import RegimeActorConfig
from actors.regime.inputs import ClosedBar
from actors.regime.messages import RegimeBar
from actors.regime.messages import RegimePhase
from actors.regime.reasons import RegimeAlert
from actors.regime.series import RegimeSeries
from catalog.news_calendar import NewsCalendar
from catalog.sessions import new_york_date
from indicators.components import Footprints


# Times of messages before that of the bar: a replay keeps their order.
PHASES, REGIME = 4, 3
NO_NEWS = "no calendar of news (news_file): news windows were traded"


class RegimeActor(FootprintActor):
    """
    Publishes the regime of each footprint bar before its zones, its patterns and the bar itself.

    What begins or ends with it (`RegimePhase`) comes first, then `RegimeBar`. From 14 days before
    the end of the calendar of news on, an alert a day says so.

    Parameters
    ----------
    config : RegimeActorConfig
        The configuration.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (
        *(cls for cls in FootprintActor.PUBLISHES if cls is not FootprintBar),
        RegimePhase,
        RegimeBar,
        FootprintBar,
    )

    def __init__(self, config: RegimeActorConfig) -> None:
        super().__init__(config)
        self._regimes: RegimeSeries | None = None
        self._news: NewsCalendar | None = None
        self._warned_on: date | None = None

    def create_indicator(self) -> Footprints:
        config = self.config
        self._news = config.news()
        self._regimes = RegimeSeries(
            config.regime,
            config.instrument_id.symbol.value,
            self.tick_size,
            self.lot_size,
            None if self._news is None else self._news.is_news,
        )
        return super().create_indicator()

    def publish_bar(self, closed: ClosedFootprint, ts_event: int, ts_init: int) -> None:
        self._publish_regime(closed.bar, ts_event, ts_init)
        super().publish_bar(closed, ts_event, ts_init)

    def start_again(self, ts: int) -> None:
        super().start_again(ts)
        if self._regimes is not None:
            ts_init = max(self.clock.timestamp_ns(), ts)
            for columns in self._regimes.start_again():
                self.publish(RegimePhase(self.config.instrument_id, ts, ts_init, **columns))

    def on_stop(self) -> None:
        super().on_stop()
        if self._news is None:
            self.notices[NO_NEWS] = 1

    def _publish_regime(self, bar: Footprint, ts_event: int, ts_init: int) -> None:
        if self._regimes is None:
            return
        row, phases = self._regimes.on_bar(
            ClosedBar(
                start=bar.ts_start,
                end=bar.ts_end,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=bar.volume,
                delta=bar.delta,
            )
        )
        instrument_id = self.config.instrument_id
        for columns in phases:
            times = ts_event - PHASES, ts_init - PHASES
            self.publish(RegimePhase(instrument_id, *times, **columns))
        self.publish(RegimeBar(instrument_id, ts_event - REGIME, ts_init - REGIME, **row))
        self._check_news(ts_event - REGIME, ts_init - REGIME)

    def _check_news(self, ts_event: int, ts_init: int) -> None:
        day = new_york_date(ts_event)
        if self._news is None or day == self._warned_on:
            return
        self._warned_on = day
        warning = self._news.warning(ts_event)
        if warning is not None:
            self.notices[warning] = 1
            self.publish(
                Alert(
                    self.config.instrument_id,
                    ts_event,
                    ts_init,
                    strategy_id=str(self.id),
                    kind=RegimeAlert.NEWS_CALENDAR.value,
                    text=warning,
                    value=None,
                )
            )
