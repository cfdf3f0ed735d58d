"""All value-area features of a minute, closed in one fixed order from trades and quotes."""

import numpy as np

from libc.math cimport NAN
from libc.math cimport isnan
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from indicators.core.arithmetic cimport floor_div
from indicators.core.bar_closer cimport MAX_EMPTY_BARS
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.gaps cimport GapFinder
from indicators.core.order_flow cimport AUTO
from indicators.core.order_flow cimport VENUE
from indicators.core.order_flow cimport OrderFlow
from indicators.core.order_flow cimport bulk_buy_fraction_c
from indicators.core.quotes cimport QuoteImbalance
from indicators.core.quotes cimport SpreadAverage
from indicators.core.value_area cimport EMPTY
from indicators.core.value_area cimport NO_WIDTH
from indicators.core.value_area cimport SILENT
from indicators.core.value_area cimport Area
from indicators.core.value_area cimport ValueArea
from indicators.core.volatility cimport BinWidth
from indicators.core.volatility cimport MinuteVolatility
from indicators.core.volume_profile cimport RollingProfile

from errors import ParameterError
from indicators.core.exact import exact
from indicators.core.parts import part_of
from indicators.core.value_area import REASONS
from indicators.core.volatility import REBUCKETS


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000
cdef int64_t NANOS_PER_MILLISECOND = 1_000_000

FLOW_SOURCES = ("quotes", "bvc")

COLUMNS = (
    "ts_min", "open", "high", "low", "close", "volume", "vwap", "trade_count", "group_count",
    "bid_px_close", "ask_px_close", "bid_sz_close", "ask_sz_close", "quote_age_ms",
    "spread_close", "spread_avg_60m", "mid_close", "sigma_240", "bin_width", "rebucket_reason",
    "poc", "vah", "val", "va_coverage", "va_bin_count", "va_valid", "va_reason",
    "total_volume_4h", "of_1m", "of_norm_1m", "ambiguous_trade_frac_1m", "unsigned_volume",
    "stale_trades", "late_trades", "cvd", "qimb_close", "qimb_ema_60s", "warm",
)

_DOUBLES = ("last_return", "sigma", "raw_width", "bulk_net", "qimb_close", "qimb_ema")
_FIELDS = (
    "ts_min", "has_bar", "open", "high", "low", "close", "volume", "turnover", "trade_count",
    "group_count", "quote_count", "has_quote", "bid", "ask", "bid_size", "ask_size",
    "quote_age_ms", "spread_sum", "spread_count", "has_return", "last_return", "return_count",
    "sigma", "raw_width", "proposed_width", "rebucket", "width", "va_reason", "populated_bins",
    "total", "va_volume", "va_bins", "poc", "val", "vah", "buy", "sell", "unsigned_volume",
    "ambiguous", "stale_trades", "late_trades", "cvd", "bulk_net", "qimb_close", "qimb_ema",
    "warm",
)
ROW_DTYPE = np.dtype([(name, "f8" if name in _DOUBLES else "i8") for name in _FIELDS])


cdef class MinuteFeatures(FeatureCloser):
    def __cinit__(
        self,
        tick_size,
        lot_size,
        *,
        int window_minutes=240,
        va_fraction="0.7",
        va_method="one_row",
        int64_t min_va_bins=20,
        double alpha_bin=0.25,
        int64_t base_bin_ticks=1,
        int64_t bin_width_max_ticks=200,
        int64_t rebucket_interval_minutes=15,
        rebucket_change_pct="0.25",
        int sigma_lookback=240,
        int spread_lookback_minutes=60,
        str side_source="auto",
        bint use_tick_rule_fallback=True,
        int64_t max_quote_staleness_ms=250,
        int qimb_ema_span_seconds=60,
        str flow_source="quotes",
        int bvc_lookback=60,
        int64_t warmup_minutes=240,
        GapFinder gaps=None,
    ):
        price, size = exact("tick_size", tick_size), exact("lot_size", lot_size)
        if flow_source not in FLOW_SOURCES:
            raise ParameterError(
                "flow_source", f"must be one of {', '.join(FLOW_SOURCES)}, was {flow_source}"
            )
        if bvc_lookback < 2:
            raise ParameterError("bvc_lookback", f"must be at least 2, was {bvc_lookback}")
        if warmup_minutes < 1:
            raise ParameterError("warmup_minutes", f"must be positive, was {warmup_minutes}")
        self._price_num, self._price_den = price.numerator, price.denominator
        self._size_num, self._size_den = size.numerator, size.denominator
        self.profile = part_of(RollingProfile, {"minutes": "window_minutes"}, window_minutes)
        self.flow = OrderFlow(side_source, use_tick_rule_fallback, max_quote_staleness_ms)
        self.imbalance = part_of(
            QuoteImbalance, {"span_seconds": "qimb_ema_span_seconds"}, qimb_ema_span_seconds
        )
        self.spread = part_of(
            SpreadAverage, {"minutes": "spread_lookback_minutes"}, spread_lookback_minutes
        )
        self.volatility = part_of(MinuteVolatility, {"lookback": "sigma_lookback"}, sigma_lookback)
        self.width = part_of(
            BinWidth,
            {
                "alpha": "alpha_bin",
                "base_ticks": "base_bin_ticks",
                "max_ticks": "bin_width_max_ticks",
                "interval_minutes": "rebucket_interval_minutes",
                "change": "rebucket_change_pct",
            },
            alpha_bin,
            base_bin_ticks,
            bin_width_max_ticks,
            rebucket_interval_minutes,
            rebucket_change_pct,
        )
        self.area = part_of(
            ValueArea,
            {"fraction": "va_fraction", "min_bins": "min_va_bins", "method": "va_method"},
            va_fraction,
            min_va_bins,
            va_method,
        )
        self._bulk = flow_source == "bvc"
        self._bulk_lookback = bvc_lookback
        self._warmup = warmup_minutes
        self.gaps = gaps
        # A hole in a recording is passed without rows, so that years of it take seconds.
        longest = MAX_EMPTY_BARS if gaps is None else 10 * MAX_EMPTY_BARS
        self._set_up(NANOS_PER_MINUTE, True, longest)
        self._set_rows(ROW_DTYPE, sizeof(MinuteRow))
        self.reset()

    def reset(self):
        if self.gaps is not None:
            self.gaps.reset()
        self._clear()
        self.closed = []
        self._minute = 0
        self._row_count = 0
        self._batch = False
        self._has_gap = False

    cdef int _clear(self) except -1:
        self.profile.reset()
        self.flow.reset()
        self.imbalance.reset()
        self.spread.reset()
        self.volatility.reset()
        self.width.reset()
        self._bulk_changes = []
        self._has_bulk_close = False
        self._close_nothing()
        self._closed_minutes = 0
        self._silent_minutes = 0
        self._late = 0
        self._quotes = 0
        self._volume = 0
        self._turnover = 0
        self._has_quote = False
        return 0

    cdef int _start_again(self, int64_t ts) except -1:
        # What lies before a gap is left out, as where a history is cut at its last gap.
        self._has_gap = True
        self._clear()
        self._start(ts)
        return 0

    cdef int _start(self, int64_t ts) except -1:
        self._first = ts
        self._open_bar(ts)
        self._minute = self.bar_start // NANOS_PER_MINUTE
        self.profile._advance(self._minute)
        return 0

    cdef int _on_quote(
        self, int64_t ts, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ) except -1:
        if not self.is_open:
            self._start(ts)
        elif ts >= self.bar_end:
            self._advance(ts)
        elif ts < self.bar_start:
            return 0
        if self.gaps is not None and self.gaps._on_quote(ts):
            self._start_again(ts)
        self.flow._on_quote(ts, bid, ask)
        self.imbalance._on_quote(ts, bid_size, ask_size)
        if (
            not self._has_quote
            and self.gaps is not None
            and self.gaps._open_ns(self._first, ts) > self.gaps.limit_ns
        ):
            # What is computed from quotes has no history before the first of them.
            self._closed_minutes = 0
        self._has_quote = True
        self._bid = bid
        self._ask = ask
        self._bid_size = bid_size
        self._ask_size = ask_size
        self._quote_ts = ts
        self._quotes += 1
        return 0

    cdef int _on_trade(self, int64_t ts, int64_t price, int64_t size, int side) except -1:
        cdef int sign
        if not self.is_open:
            self._start(ts)
        elif ts >= self.bar_end:
            self._advance(ts)
        elif ts < self.bar_start:
            # The closed bar and its flow stay; the window must still count the volume.
            sign = 0
            if self.flow._source == AUTO or self.flow._source == VENUE:
                sign = 1 if side == 1 else (-1 if side == 2 else 0)
            self.profile._add_late(floor_div(ts, NANOS_PER_MINUTE), price, size, sign)
            self._late += 1
            return 0
        # Refused here or not at all, so that a bad price leaves no trace.
        self.profile.window._fit(price)
        if self.gaps is not None and self.gaps._on_trade(ts):
            self._start_again(ts)
            self.profile.window._fit(price)
        if self.flow.trade_count == 0:
            self._open = price
            self._high = price
            self._low = price
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._volume += size
        self._turnover += price * size
        sign = self.flow._on_trade(ts, price, size, side)
        self.profile._add(price, size, sign)
        return 0

    cdef int _close_bar(self) except -1:
        cdef MinuteRow* row = &self._row
        cdef Area area
        cdef bint traded = self.flow.trade_count > 0
        cdef bint silent = self.gaps is not None and self.gaps._silent_at(self.bar_end)
        cdef bint unquoted = (
            not self._has_quote
            and self.gaps is not None
            and self.bar_end - self._first > self.gaps.limit_ns
        )
        cdef int64_t close_ts = self.bar_end - 1
        cdef double change
        cdef double[::1] changes
        row.ts_min = self.bar_start
        row.has_bar = traded
        row.open = self._open if traded else 0
        row.high = self._high if traded else 0
        row.low = self._low if traded else 0
        row.close = self._close if traded else 0
        row.volume = self._volume
        row.turnover = self._turnover
        row.trade_count = self.flow.trade_count
        row.group_count = self.flow.group_count
        row.quote_count = self._quotes
        row.buy = self.flow.buy
        row.sell = self.flow.sell
        row.unsigned_volume = self.flow.unsigned_volume
        row.ambiguous = self.flow.ambiguous
        row.stale_trades = self.flow.stale_trades
        row.late_trades = self._late
        row.cvd = self.flow.cvd

        row.bulk_net = NAN
        if self._bulk:
            row.bulk_net = 0.0
            if traded:
                if self._has_bulk_close:
                    self._bulk_changes.append(<double>(self._close - self._bulk_close))
                    if len(self._bulk_changes) > self._bulk_lookback:
                        self._bulk_changes.pop(0)
                    changes = np.array(self._bulk_changes, dtype=np.float64)
                    row.bulk_net = self._volume * (
                        2.0 * bulk_buy_fraction_c(&changes[0], changes.shape[0]) - 1.0
                    )
                self._bulk_close = self._close
                self._has_bulk_close = True

        row.has_quote = self._has_quote
        row.bid = self._bid if self._has_quote else 0
        row.ask = self._ask if self._has_quote else 0
        row.bid_size = self._bid_size if self._has_quote else 0
        row.ask_size = self._ask_size if self._has_quote else 0
        row.quote_age_ms = 0
        row.qimb_close = NAN
        row.qimb_ema = NAN
        if self._has_quote:
            row.quote_age_ms = (close_ts - self._quote_ts) / NANOS_PER_MILLISECOND
            row.qimb_close = self.imbalance._value
            row.qimb_ema = self.imbalance._at(self.bar_end)
        self.spread._close(self._has_quote, row.ask - row.bid)
        row.spread_sum = self.spread.spread_sum
        row.spread_count = self.spread.count

        self.volatility._close(traded and self._has_quote, row.bid + row.ask)
        row.has_return = self.volatility._has_last
        row.last_return = self.volatility._last if self.volatility._has_last else NAN
        row.return_count = self.volatility.count
        row.sigma = self.volatility._deviation()

        row.raw_width = NAN
        row.proposed_width = 0
        row.rebucket = 0
        if not isnan(row.sigma) and row.bid + row.ask > 0:
            row.proposed_width = self.width._propose(row.bid + row.ask, row.sigma)
            row.raw_width = self.width._raw
            row.rebucket = self.width._decide(row.proposed_width, self._minute)
        row.width = self.width._width

        row.total = self.profile.window.total_volume
        row.va_reason = NO_WIDTH
        row.populated_bins = 0
        row.va_volume = 0
        row.va_bins = 0
        row.poc = row.val = row.vah = 0
        if row.width:
            area = self.area._of_profile(self.profile.window, row.width)
            row.va_reason = area.reason
            row.populated_bins = area.populated
            if area.reason != EMPTY:
                row.va_volume = area.volume
                row.va_bins = area.bins
                row.poc = area.poc * row.width
                row.val = area.val * row.width
                row.vah = area.vah * row.width
        if silent:
            # Levels that do not move are not levels of this market.
            row.va_reason = SILENT
        self._closed_minutes += 1
        row.warm = self._closed_minutes >= self._warmup and not silent and not unquoted
        self._silent_minutes = self._silent_minutes + 1 if silent else 0

        if not traded and self._silent_minutes > max(<int64_t>self.profile.minutes, self._warmup):
            # A hole in a recording: its window is empty, and no minute of it says anything new.
            pass
        elif self._batch:
            self._store(row)
        else:
            self.closed.append((self._values_of(row), self.profile.minute.columns()))
        self._minute += 1
        self.profile._advance(self._minute)
        self.imbalance._start_minute(self.bar_end)
        self.flow._start_minute()
        self._late = 0
        self._quotes = 0
        self._volume = 0
        self._turnover = 0
        return 0

    cdef double _price(self, int64_t ticks) noexcept nogil:
        # One division of exact integers: the double nearest to the decimal price.
        return <double>(ticks * self._price_num) / <double>self._price_den

    cdef double _size(self, int64_t lots) noexcept nogil:
        return <double>(lots * self._size_num) / <double>self._size_den

    cdef tuple _values_of(self, const void* data):
        cdef const MinuteRow* row = <const MinuteRow*>data
        cdef bint bar = row.has_bar
        cdef bint quote = row.has_quote
        cdef bint area = row.va_bins > 0
        cdef int64_t delta = row.buy - row.sell
        cdef double flow, flow_norm, ambiguous
        if self._bulk:
            flow = row.bulk_net * self._size_num / self._size_den
            flow_norm = row.bulk_net / row.volume if row.volume else 0.0
            ambiguous = 0.0
        else:
            flow = self._size(delta)
            flow_norm = <double>delta / <double>row.volume if row.volume else 0.0
            ambiguous = <double>row.ambiguous / <double>row.volume if row.volume else 0.0
        return (
            row.ts_min,
            self._price(row.open) if bar else None,
            self._price(row.high) if bar else None,
            self._price(row.low) if bar else None,
            self._price(row.close) if bar else None,
            self._size(row.volume),
            (<double>row.turnover / <double>row.volume) * self._price_num / self._price_den
            if bar else None,
            row.trade_count,
            row.group_count,
            self._price(row.bid) if quote else None,
            self._price(row.ask) if quote else None,
            self._size(row.bid_size) if quote else None,
            self._size(row.ask_size) if quote else None,
            row.quote_age_ms if quote else None,
            self._price(row.ask - row.bid) if quote else None,
            <double>(row.spread_sum * self._price_num)
            / <double>(row.spread_count * self._price_den)
            if row.spread_count else None,
            <double>((row.bid + row.ask) * self._price_num) / <double>(2 * self._price_den)
            if quote else None,
            None if isnan(row.sigma) else row.sigma,
            self._price(row.width) if row.width else None,
            REBUCKETS[row.rebucket],
            self._price(row.poc) if area else None,
            self._price(row.vah) if area else None,
            self._price(row.val) if area else None,
            <double>row.va_volume / <double>row.total if area else None,
            row.va_bins if area else None,
            row.va_reason == 0,
            REASONS[row.va_reason],
            self._size(row.total),
            flow,
            flow_norm,
            ambiguous,
            self._size(row.unsigned_volume),
            row.stale_trades,
            row.late_trades,
            self._size(row.cvd),
            row.qimb_close if quote else None,
            row.qimb_ema if quote else None,
            bool(row.warm),
        )

    def start_again(self, int64_t ts):
        self.close_until(ts)
        self._clear()
        self._start(ts)

    @property
    def initialized(self):
        return self._closed_minutes >= self._warmup

    @property
    def has_inputs(self):
        return self.is_open

    @property
    def row(self):
        if self._closed_minutes == 0:
            return None
        result = np.empty(1, dtype=ROW_DTYPE)
        cdef unsigned char[::1] view = result.view(np.uint8)
        memcpy(&view[0], &self._row, sizeof(MinuteRow))
        return result[0]
