"""Nautilus indicators over the cores: the only module that cimports NautilusTrader."""

from libc.stdint cimport int64_t

from nautilus_trader.core.rust.model cimport FIXED_SCALAR
from nautilus_trader.indicators.base cimport Indicator
from nautilus_trader.model.data cimport Bar
from nautilus_trader.model.data cimport QuoteTick
from nautilus_trader.model.data cimport TradeTick

from indicators.core.bar_closer cimport BarCloser
from indicators.core.feature_closer cimport FeatureCloser
from indicators.core.footprint_bars cimport FootprintBars
from indicators.core.gaps cimport GapFinder
from indicators.core.market_context cimport MarketContext
from indicators.core.minute cimport MinuteFeatures
from indicators.core.order_flow cimport OrderFlow
from indicators.core.quotes cimport QuoteImbalance
from indicators.core.trade_bars cimport TradeBars
from indicators.core.value_area cimport ValueArea
from indicators.core.volume_profile cimport RollingProfile
from indicators.core.volume_profile cimport VolumeProfile

from errors import ParameterError
from indicators.core.exact import exact


cdef extern from "<math.h>" nogil:
    long long llrint(double)


cdef int64_t NANOS_PER_MINUTE = 60_000_000_000


cdef double scale_of(str name, object increment) except -1:
    return 1.0 / (float(exact(name, increment)) * FIXED_SCALAR)


cdef inline int sign_of(TradeTick tick) noexcept:
    cdef int side = tick._mem.aggressor_side
    return 1 if side == 1 else (-1 if side == 2 else 0)


cdef class RollingVolumeProfile(Indicator):
    cdef readonly RollingProfile core
    cdef ValueArea _area
    cdef double _per_tick, _per_lot
    cdef int64_t _warm_at

    def __init__(
        self,
        tick_size,
        lot_size,
        int minutes=240,
        fraction="0.7",
        int min_bins=20,
        str method="one_row",
    ):
        super().__init__(params=[tick_size, lot_size, minutes, fraction, min_bins, method])
        self._per_tick = scale_of("tick_size", tick_size)
        self._per_lot = scale_of("lot_size", lot_size)
        self._area = ValueArea(fraction, min_bins, method)
        self.core = RollingProfile(minutes)
        self._warm_at = 0

    cpdef void handle_trade_tick(self, TradeTick tick):
        cdef int64_t minute = tick._mem.ts_event // NANOS_PER_MINUTE
        cdef int64_t price = llrint(<double>tick._mem.price.raw * self._per_tick)
        cdef int64_t size = llrint(<double>tick._mem.size.raw * self._per_lot)
        if self.has_inputs and minute < self.core.current_minute:
            self.core._add_late(minute, price, size, sign_of(tick))
            return
        self.core._advance(minute)
        self.core._add(price, size, sign_of(tick))
        if not self.initialized:
            if not self.has_inputs:
                self.has_inputs = True
                self._warm_at = minute + self.core.minutes
            self.initialized = minute >= self._warm_at

    def levels(self, int64_t bin_ticks=1):
        return self._area.of_profile(self.core.window, bin_ticks)

    cpdef void _reset(self):
        self.core.reset()
        self._warm_at = 0


cdef class SpanVolumeProfile(Indicator):
    cdef readonly VolumeProfile core
    cdef ValueArea _area
    cdef double _per_tick, _per_lot

    def __init__(
        self,
        tick_size,
        lot_size,
        fraction="0.7",
        int min_bins=1,
        str method="one_row",
    ):
        super().__init__(params=[tick_size, lot_size, fraction, min_bins, method])
        self._per_tick = scale_of("tick_size", tick_size)
        self._per_lot = scale_of("lot_size", lot_size)
        self._area = ValueArea(fraction, min_bins, method)
        self.core = VolumeProfile()

    cpdef void handle_trade_tick(self, TradeTick tick):
        self.core._add(
            llrint(<double>tick._mem.price.raw * self._per_tick),
            llrint(<double>tick._mem.size.raw * self._per_lot),
            sign_of(tick),
        )
        self.has_inputs = True
        self.initialized = True

    def levels(self, int64_t bin_ticks=1):
        return self._area.of_profile(self.core, bin_ticks)

    cpdef void _reset(self):
        self.core._clear()


cdef class AggressorFlow(Indicator):
    cdef readonly OrderFlow core
    cdef double _per_tick, _per_lot
    cdef object _lot
    cdef int64_t _minute

    def __init__(
        self,
        tick_size,
        lot_size,
        str side_source="auto",
        bint use_tick_rule=True,
        int max_quote_staleness_ms=250,
    ):
        super().__init__(
            params=[tick_size, lot_size, side_source, use_tick_rule, max_quote_staleness_ms]
        )
        self._per_tick = scale_of("tick_size", tick_size)
        self._per_lot = scale_of("lot_size", lot_size)
        self._lot = exact("lot_size", lot_size)
        self.core = OrderFlow(side_source, use_tick_rule, max_quote_staleness_ms)
        self._minute = 0

    cdef bint _is_late(self, int64_t ts) noexcept:
        cdef int64_t minute = ts // NANOS_PER_MINUTE
        if minute < self._minute:
            return True
        if minute > self._minute:
            self.core._start_minute()
            self._minute = minute
        self.has_inputs = True
        return False

    cpdef void handle_quote_tick(self, QuoteTick tick):
        if self._is_late(tick._mem.ts_event):
            return
        self.core._on_quote(
            tick._mem.ts_event,
            llrint(<double>tick._mem.bid_price.raw * self._per_tick),
            llrint(<double>tick._mem.ask_price.raw * self._per_tick),
        )

    cpdef void handle_trade_tick(self, TradeTick tick):
        if self._is_late(tick._mem.ts_event):
            return
        self.core._on_trade(
            tick._mem.ts_event,
            llrint(<double>tick._mem.price.raw * self._per_tick),
            llrint(<double>tick._mem.size.raw * self._per_lot),
            tick._mem.aggressor_side,
        )
        self.initialized = True

    @property
    def delta(self):
        return float(self.core.delta * self._lot) if self.initialized else None

    @property
    def cvd(self):
        return float(self.core.cvd * self._lot) if self.initialized else None

    cpdef void _reset(self):
        self.core.reset()
        self._minute = 0


cdef class BestQuoteImbalance(Indicator):
    cdef readonly QuoteImbalance core
    cdef double _per_lot
    cdef int64_t _minute
    cdef int64_t _ts

    def __init__(self, lot_size, int span_seconds=60):
        super().__init__(params=[lot_size, span_seconds])
        self._per_lot = scale_of("lot_size", lot_size)
        self.core = QuoteImbalance(span_seconds)
        self._minute = 0
        self._ts = 0

    cpdef void handle_quote_tick(self, QuoteTick tick):
        cdef int64_t minute = tick._mem.ts_event // NANOS_PER_MINUTE
        if minute < self._minute:
            return
        if minute > self._minute:
            self.core._start_minute(minute * NANOS_PER_MINUTE)
            self._minute = minute
        self._ts = tick._mem.ts_event
        self.core._on_quote(
            tick._mem.ts_event,
            llrint(<double>tick._mem.bid_size.raw * self._per_lot),
            llrint(<double>tick._mem.ask_size.raw * self._per_lot),
        )
        self.has_inputs = True
        self.initialized = True

    @property
    def value(self):
        return self.core.value

    @property
    def average(self):
        return self.core.value_at(self._ts)

    cpdef void _reset(self):
        self.core.reset()
        self._minute = 0
        self._ts = 0


cdef class ClosingIndicator(Indicator):
    cdef double _per_tick, _per_lot
    cdef object _on_close
    cdef BarCloser _closer
    cdef readonly bint reads_quotes, finds_gaps

    cdef int _set_up(self, tick_size, lot_size, BarCloser closer, on_close) except -1:
        self._per_tick = scale_of("tick_size", tick_size)
        self._per_lot = scale_of("lot_size", lot_size)
        self._closer = closer
        self._on_close = on_close
        return 0

    def update_quote(
        self, int64_t ts_event, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ):
        pass

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        pass

    def close_until(self, int64_t ts):
        self._closer.close_until(ts)
        if self._closer.closed:
            self._deliver()

    def start_again(self, int64_t ts):
        self.close_until(ts)

    cdef int _deliver(self) except -1:
        closed = self._closer.closed
        self._closer.closed = []
        self._note_closed()
        if self._on_close is not None:
            for values, prints in closed:
                self._on_close(values, prints)
        return 0

    cdef void _note_closed(self) noexcept:
        self.initialized = True


cdef class FeatureIndicator(ClosingIndicator):
    cdef FeatureCloser _features
    cdef object _on_gap

    cdef int _set_features(
        self, tick_size, lot_size, FeatureCloser core, on_close, on_gap
    ) except -1:
        self._features = core
        self._on_gap = on_gap
        self.reads_quotes = True
        self.finds_gaps = core.gaps is not None
        return self._set_up(tick_size, lot_size, core, on_close)

    cpdef void handle_quote_tick(self, QuoteTick tick):
        self._features._on_quote(
            tick._mem.ts_event,
            llrint(<double>tick._mem.bid_price.raw * self._per_tick),
            llrint(<double>tick._mem.ask_price.raw * self._per_tick),
            llrint(<double>tick._mem.bid_size.raw * self._per_lot),
            llrint(<double>tick._mem.ask_size.raw * self._per_lot),
        )
        self.has_inputs = True
        if self._features.closed or self._features._has_gap:
            self._deliver()

    cpdef void handle_trade_tick(self, TradeTick tick):
        self._features._on_trade(
            tick._mem.ts_event,
            llrint(<double>tick._mem.price.raw * self._per_tick),
            llrint(<double>tick._mem.size.raw * self._per_lot),
            tick._mem.aggressor_side,
        )
        self.has_inputs = True
        if self._features.closed or self._features._has_gap:
            self._deliver()

    def update_quote(
        self, int64_t ts_event, int64_t bid, int64_t ask, int64_t bid_size, int64_t ask_size
    ):
        self._features.update_quote(ts_event, bid, ask, bid_size, ask_size)
        self.has_inputs = True
        if self._features.closed or self._features._has_gap:
            self._deliver()

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        self._features.update_trade(ts_event, price, size, side)
        self.has_inputs = True
        if self._features.closed or self._features._has_gap:
            self._deliver()

    def start_again(self, int64_t ts):
        self.close_until(ts)
        self._features.start_again(ts)

    cdef void _note_closed(self) noexcept:
        self.initialized = self._features.initialized

    cdef int _deliver(self) except -1:
        ClosingIndicator._deliver(self)
        if self._features._has_gap:
            self._features._has_gap = False
            gaps = self._features.gaps.found
            self._features.gaps.found = []
            if self._on_gap is not None:
                for start, end, open_ns in gaps:
                    self._on_gap(start, end, open_ns)
        return 0

    cpdef void _reset(self):
        self._features.reset()


cdef class ValueAreaMinutes(FeatureIndicator):
    cdef readonly MinuteFeatures core

    def __init__(self, tick_size, lot_size, on_close=None, on_gap=None, **parameters):
        named = [f"{name}={value}" for name, value in parameters.items()]
        super().__init__(params=[tick_size, lot_size, *named])
        self.core = MinuteFeatures(tick_size, lot_size, **parameters)
        self._set_features(tick_size, lot_size, self.core, on_close, on_gap)


cdef class MarketContextMinutes(FeatureIndicator):
    cdef readonly MarketContext core

    def __init__(self, tick_size, lot_size, on_close=None, on_gap=None, **parameters):
        named = [f"{name}={value}" for name, value in parameters.items()]
        super().__init__(params=[tick_size, lot_size, *named])
        self.core = MarketContext(tick_size, lot_size, **parameters)
        self._set_features(tick_size, lot_size, self.core, on_close, on_gap)


cdef class AggressorBars(ClosingIndicator):
    cdef readonly TradeBars core

    def __init__(
        self, tick_size, lot_size, int64_t interval_ns, on_close=None, bint with_empty=False
    ):
        super().__init__(params=[tick_size, lot_size, interval_ns])
        self.core = TradeBars(interval_ns, with_empty)
        self._set_up(tick_size, lot_size, self.core, on_close)

    cpdef void handle_trade_tick(self, TradeTick tick):
        self.core._on_trade(
            tick._mem.ts_event,
            llrint(<double>tick._mem.price.raw * self._per_tick),
            llrint(<double>tick._mem.size.raw * self._per_lot),
            sign_of(tick),
        )
        self.has_inputs = True
        if self.core.closed:
            self._deliver()

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        self.core.update(ts_event, price, size, 1 if side == 1 else (-1 if side == 2 else 0))
        self.has_inputs = True
        if self.core.closed:
            self._deliver()

    cpdef void _reset(self):
        self.core.reset()


cdef class Footprints(ClosingIndicator):
    cdef readonly FootprintBars core

    def __init__(
        self,
        tick_size,
        lot_size,
        str kind="time",
        int64_t size=300_000_000_000,
        on_close=None,
        sessions=None,
        bint tick_rule=False,
        va_fraction="0.7",
        int64_t gap_ns=0,
    ):
        super().__init__(params=[tick_size, lot_size, kind, size, tick_rule, va_fraction, gap_ns])
        self.core = FootprintBars(kind, size, sessions, tick_rule, va_fraction, gap_ns)
        self._set_up(tick_size, lot_size, self.core, on_close)

    cpdef void handle_trade_tick(self, TradeTick tick):
        self.core._on_trade(
            tick._mem.ts_event,
            llrint(<double>tick._mem.price.raw * self._per_tick),
            llrint(<double>tick._mem.size.raw * self._per_lot),
            sign_of(tick),
        )
        self.has_inputs = True
        if self.core.closed:
            self._deliver()

    def update_trade(self, int64_t ts_event, int64_t price, int64_t size, int side=0):
        self.core.update(ts_event, price, size, 1 if side == 1 else (-1 if side == 2 else 0))
        self.has_inputs = True
        if self.core.closed:
            self._deliver()

    def start_again(self, int64_t ts):
        self.core.start_again(ts)
        if self.core.closed:
            self._deliver()

    cpdef void _reset(self):
        self.core.reset()


cdef class BarIndicator(Indicator):
    cdef readonly object core, value
    cdef list _fields
    cdef double _per_tick, _per_lot

    def __init__(self, core, tick_size, lot_size, str fields="ts high low volume"):
        super().__init__(params=[type(core).__name__, tick_size, lot_size, fields])
        self._per_tick = scale_of("tick_size", tick_size)
        self._per_lot = scale_of("lot_size", lot_size)
        self._fields = fields.split()
        if unknown := set(self._fields) - {"ts", "open", "high", "low", "close", "volume"}:
            raise ParameterError("fields", f"must be those of a bar, was {min(unknown)}")
        self.core = core
        self.value = None

    cpdef void handle_bar(self, Bar bar):
        cdef dict values = {
            "ts": bar.ts_event,
            "open": llrint(<double>bar._mem.open.raw * self._per_tick),
            "high": llrint(<double>bar._mem.high.raw * self._per_tick),
            "low": llrint(<double>bar._mem.low.raw * self._per_tick),
            "close": llrint(<double>bar._mem.close.raw * self._per_tick),
            "volume": llrint(<double>bar._mem.volume.raw * self._per_lot),
        }
        self.value = self.core.update(*[values[name] for name in self._fields])
        self.has_inputs = True
        self.initialized = True

    cpdef void _reset(self):
        self.core.reset()
        self.value = None


cdef class Gaps(Indicator):
    cdef readonly GapFinder core
    cdef object _on_gap

    def __init__(self, GapFinder finder, on_gap=None):
        if finder is None:
            raise TypeError("`finder` must be a GapFinder, was None")
        super().__init__(params=[finder])
        self.core = finder
        self._on_gap = on_gap

    cpdef void handle_quote_tick(self, QuoteTick tick):
        if self.core._on_quote(tick._mem.ts_event):
            self._deliver()
        self.has_inputs = True
        self.initialized = True

    cpdef void handle_trade_tick(self, TradeTick tick):
        if self.core._on_trade(tick._mem.ts_event):
            self._deliver()
        self.has_inputs = True
        self.initialized = True

    cdef int _deliver(self) except -1:
        gaps = self.core.found
        self.core.found = []
        if self._on_gap is not None:
            for start, end, open_ns in gaps:
                self._on_gap(start, end, open_ns)
        return 0

    cpdef void _reset(self):
        self.core.reset()
