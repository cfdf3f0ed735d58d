"""Closes minutes on trades and quotes and publishes their value-area features."""

from collections import Counter
from typing import Any
from typing import ClassVar
from typing import Literal

from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.common.config import NonNegativeInt
from nautilus_trader.common.config import PositiveFloat
from nautilus_trader.common.config import PositiveInt
from nautilus_trader.model.data import TradeTick
from nautilus_trader.model.identifiers import InstrumentId

from actors.history import TRADE
from actors.history import Tick
from actors.instrument import required_instrument
from actors.messages import DataGap
from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.messages import ValueAreaMinute
from actors.ties import is_within_ties
from actors.warming import WarmingActor
from catalog.market_hours import closed_time
from errors import UsageError
from indicators.components import ValueAreaMinutes
from indicators.core.gaps import GapFinder
from indicators.core.minute import MinuteFeatures


NANOS_PER_MINUTE = 60_000_000_000
SECONDS_PER_MINUTE = 60
NANOS_PER_MILLISECOND = 1_000_000
LARGEST_INTEGER = 2**31 - 1
WARM = ValueAreaMinute.COLUMNS.index("warm")
BID = ValueAreaMinute.COLUMNS.index("bid_px_close")


class ValueAreaActorConfig(ActorConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configuration for `ValueAreaActor`.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument whose minutes are closed.
    rolling_window_minutes : PositiveInt, default 240
        The wall-clock minutes in the rolling profile.
    va_fraction : PositiveFloat, default 0.7
        The share of volume that the value area must hold.
    va_method : {'one_row', 'two_row'}, default 'one_row'
        How the value area grows from the point of control.
    min_va_bins : PositiveInt, default 20
        The populated bins below which the value area may not be traded on.
    alpha_bin : PositiveFloat, default 0.25
        The bin width as a share of price times sigma.
    base_bin_ticks : PositiveInt, default 1
        The unit of the bin width (ticks).
    bin_width_max_ticks : PositiveInt, default 200
        The largest bin width (ticks).
    rebucket_interval_minutes : PositiveInt, default 15
        The minutes after which a new width is adopted in any case.
    rebucket_change_pct : PositiveFloat, default 0.25
        The relative change of width that is adopted at once.
    spread_lookback_minutes : PositiveInt, default 60
        The minute closes in the average spread.
    side_source : {'auto', 'venue', 'inferred', 'both'}, default 'auto'
        Where the aggressor side comes from.
    use_tick_rule_fallback : bool, default True
        If a print that the quote cannot decide gets its side from the previous print.
    max_quote_staleness_ms : NonNegativeInt, default 250
        The age of a quote above which a print judged by it counts as stale.
    qimb_ema_span_seconds : PositiveInt, default 60
        The span of the time-decayed quote imbalance.
    flow_source : {'quotes', 'bvc'}, default 'quotes'
        If the order flow comes from signed prints or from bulk volume classification.
    bvc_lookback : PositiveInt, default 60
        The close-to-close changes in the deviation of the bulk classification.
    warmup_minutes : PositiveInt, default 240
        The closed minutes after which the features count as warm.
    gap_after_s : PositiveFloat, default 60
        The longest silence of the quotes in market hours (s) that is no gap (`GapFinder`). After a
        gap the features start again.
    close_delay_ms : NonNegativeInt, default 250
        How long a live minute waits for prints still on the wire. A backtest never waits.

    """

    DATA: ClassVar[tuple[str, ...]] = ("QuoteTick", "TradeTick")

    instrument_id: InstrumentId
    rolling_window_minutes: PositiveInt = 240
    va_fraction: PositiveFloat = 0.7
    va_method: Literal["one_row", "two_row"] = "one_row"
    min_va_bins: PositiveInt = 20
    alpha_bin: PositiveFloat = 0.25
    base_bin_ticks: PositiveInt = 1
    bin_width_max_ticks: PositiveInt = 200
    rebucket_interval_minutes: PositiveInt = 15
    rebucket_change_pct: PositiveFloat = 0.25
    spread_lookback_minutes: PositiveInt = 60
    side_source: Literal["auto", "venue", "inferred", "both"] = "auto"
    use_tick_rule_fallback: bool = True
    max_quote_staleness_ms: NonNegativeInt = 250
    qimb_ema_span_seconds: PositiveInt = 60
    flow_source: Literal["quotes", "bvc"] = "quotes"
    bvc_lookback: PositiveInt = 60
    warmup_minutes: PositiveInt = 240
    gap_after_s: PositiveFloat = 60.0
    close_delay_ms: NonNegativeInt = 250

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and value > LARGEST_INTEGER:
                raise UsageError(f"{name}: {value} is above {LARGEST_INTEGER}")
        try:
            MinuteFeatures("1", "1", **self.feature_parameters())
        except ValueError as e:
            # The core begins with its name of the parameter.
            text = str(e).replace("`window_minutes`", "`rolling_window_minutes`")
            _, name, reason = text.split("`", 2)
            raise UsageError(f"{name}:{reason}") from e

    def feature_parameters(self) -> dict[str, Any]:
        """Return the parameters of the feature core, which batch computation uses as well."""
        return {
            "window_minutes": self.rolling_window_minutes,
            "va_fraction": self.va_fraction,
            "va_method": self.va_method,
            "min_va_bins": self.min_va_bins,
            "alpha_bin": self.alpha_bin,
            "base_bin_ticks": self.base_bin_ticks,
            "bin_width_max_ticks": self.bin_width_max_ticks,
            "rebucket_interval_minutes": self.rebucket_interval_minutes,
            "rebucket_change_pct": self.rebucket_change_pct,
            "spread_lookback_minutes": self.spread_lookback_minutes,
            "side_source": self.side_source,
            "use_tick_rule_fallback": self.use_tick_rule_fallback,
            "max_quote_staleness_ms": self.max_quote_staleness_ms,
            "qimb_ema_span_seconds": self.qimb_ema_span_seconds,
            "flow_source": self.flow_source,
            "bvc_lookback": self.bvc_lookback,
            "warmup_minutes": self.warmup_minutes,
            "gaps": GapFinder(self.gap_after_s, closed_time(self.instrument_id.venue.value)),
        }


class ValueAreaActor(WarmingActor):
    """
    Publishes one `MinuteFootprint` and one `ValueAreaMinute` for each minute of one instrument.

    Minute t closes at the first event of the next minute, or at an alert one nanosecond before the
    boundary (an alert at the boundary itself would come after data stamped with it). A live clock
    adds the close delay to the alert. A catalog delivers events of one time a nanosecond apart, so
    that the alert may come among those of the last nanosecond: it then waits until they are over.

    On a live clock ticks are kept at first: `take_history` puts what happened before them in front,
    and from then on they count at once.

    Parameters
    ----------
    config : ValueAreaActorConfig
        The configuration.

    Attributes
    ----------
    notices : Counter[str]
        What a reader of the result should know, and how often it happened.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (DataGap,)

    def __init__(self, config: ValueAreaActorConfig) -> None:
        super().__init__(config)
        self.notices: Counter[str] = Counter()
        self.indicator: ValueAreaMinutes | None = None
        self._footprint_type = MinuteFootprint.type_for(config.instrument_id)
        self._minute_type = ValueAreaMinute.type_for(config.instrument_id)
        self._closed = 0
        self._unquoted = 0
        self._warm = 0
        self._stretch = 0
        self._longest = 0
        self._gaps_found = 0

    def on_start(self) -> None:
        instrument_id = self.config.instrument_id
        instrument = required_instrument(self.cache, instrument_id)
        tick_size = instrument.price_increment.as_decimal()
        lot_size = instrument.size_increment.as_decimal()
        self._tick_size, self._lot_size = float(tick_size), float(lot_size)
        self.indicator = ValueAreaMinutes(
            tick_size,
            lot_size,
            self._publish,
            self._publish_gap,
            **self.config.feature_parameters(),
        )
        self.gaps = self.indicator.core.gaps
        self._delay = 0
        if isinstance(self.clock, LiveClock):
            self._delay = self.config.close_delay_ms * NANOS_PER_MILLISECOND
            self.collect(instrument)
        else:
            self._register()
        # Quotes first: one Databento subscription then carries both, and no trade comes twice.
        self.subscribe_quote_ticks(instrument_id)
        self.subscribe_trade_ticks(instrument_id)
        now = self.clock.timestamp_ns()
        self.clock.set_timer_ns(
            name=f"{self.id}-CLOSE",
            interval_ns=NANOS_PER_MINUTE,
            start_time_ns=now // NANOS_PER_MINUTE * NANOS_PER_MINUTE - 1 + self._delay,
            stop_time_ns=0,
            callback=self._on_alert,
        )

    @property
    def history_minutes(self) -> int:
        """Return how many minutes back the features look."""
        return int(max(self.config.rolling_window_minutes, self.config.warmup_minutes)) + 1

    def history_since(self, now: int) -> int:
        """Return from when on (ns UTC) the past matters at a time."""
        since = now - self.history_minutes * NANOS_PER_MINUTE
        return since - since % NANOS_PER_MINUTE

    def on_historical_data(self, data: Any) -> None:
        if isinstance(data, TradeTick) and self._listening is not None:
            self._listening.add_recent(data)

    def tell(self, tick: Tick) -> None:
        if self.indicator is None:
            return
        core = self.indicator.core
        if tick.kind == TRADE:
            core.update_trade(tick.ts, tick.a, tick.a_size, tick.side)
        else:
            core.update_quote(tick.ts, tick.a, tick.b, tick.a_size, tick.b_size)

    def end_history(self) -> str:
        closed = 0
        self._register()
        if self.indicator is not None:
            closed = len(self.indicator.core.closed)
            # Nothing that is due now waits for the next alert.
            self.indicator.close_until(self.clock.timestamp_ns() - self._delay)
        return f"{closed} of {self.history_minutes - 1} minutes; the others are waited for"

    def describe_history(self) -> list[str]:
        needed = self.config.warmup_minutes
        had = max(self._longest, self._stretch)
        what = f"warm-up needs {needed:,} minutes of trades and quotes without a gap"
        if self._warm:
            return [
                f"History: {what} (warmup_minutes), and {self._closed:,} closed: entries were "
                f"possible in {self._warm:,} of them."
            ]
        if self._gaps_found:
            often = "once" if self._gaps_found == 1 else f"{self._gaps_found:,} times"
            return [
                f"History: {what} (warmup_minutes), and there were {had:,}: gaps in the data began "
                f"the count anew {often}: ingest what is missing there."
            ]
        return [
            f"History: {what} (warmup_minutes), and there were {had:,}: give {needed - had:,} "
            "more, by an earlier --start or by ingesting what came before."
        ]

    def on_stop(self) -> None:
        if self._unquoted * SECONDS_PER_MINUTE > self.config.gap_after_s:
            text = f"{self._unquoted:,} minutes before the first quote: no part of the warm-up"
            self.notices[text] = 1
        self.publish_unended_gap(self.config.instrument_id)
        agreement = None if self.indicator is None else self.indicator.core.flow.agreement
        if agreement is not None:
            self.notices[f"side_source both: {agreement:.1%} of the volume signed as the venue"] = 1

    def _on_alert(self, event: TimeEvent) -> None:
        if self.indicator is None or self.is_collecting:
            return
        if self._delay == 0 and is_within_ties(self.cache, self.config.instrument_id, self.clock):
            name, at = f"{self.id}-TIES", event.ts_event + 1
            self.clock.set_time_alert_ns(name, at, self._on_alert)
            return
        # An alert that ties have put off still belongs to the minute that it was set for.
        end = event.ts_event + 1 - self._delay
        self.indicator.close_until(end // NANOS_PER_MINUTE * NANOS_PER_MINUTE)

    def _register(self) -> None:
        instrument_id = self.config.instrument_id
        self.register_indicator_for_quote_ticks(instrument_id, self.indicator)
        self.register_indicator_for_trade_ticks(instrument_id, self.indicator)

    def break_off(self, start: int, end: int, open_ns: int) -> None:
        if self.indicator is None:
            return
        self.indicator.close_until(end)
        self.indicator.core.start_again(end)
        self._publish_gap(start, end, open_ns)

    def _publish_gap(self, start: int, end: int, open_ns: int) -> None:
        # Minutes that have closed within it are no history.
        silent = (end - start) // NANOS_PER_MINUTE
        self._longest = max(self._longest, self._stretch - silent)
        self._stretch = 0
        self._gaps_found += 1
        self.publish_gap(self.config.instrument_id, start, end, open_ns)

    def _publish(
        self,
        values: tuple[Any, ...],
        footprint: tuple[list[int], list[int], list[int], list[int]],
    ) -> None:
        instrument_id = self.config.instrument_id
        is_quoted = values[BID] is not None
        self._closed += 1
        self._unquoted += not is_quoted
        self._warm += values[WARM]
        self._stretch += is_quoted
        ts_event = values[0] + NANOS_PER_MINUTE - 1
        ts_init = max(self.clock.timestamp_ns(), ts_event)
        ticks, buy, sell, unsigned = footprint
        # The footprint's time stamps lie one nanosecond earlier: replay keeps the order.
        self.publish_data(
            self._footprint_type,
            MinuteFootprint(
                instrument_id,
                ts_event - 1,
                ts_init - 1,
                ts_min=values[0],
                tick_size=self._tick_size,
                lot_size=self._lot_size,
                ticks=ticks,
                buy=buy,
                sell=sell,
                unsigned=unsigned,
            ),
        )
        self.publish_data(
            self._minute_type,
            ValueAreaMinute(
                instrument_id,
                ts_event,
                ts_init,
                **dict(zip(ValueAreaMinute.COLUMNS, values, strict=True)),
            ),
        )
