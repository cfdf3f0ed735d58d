"""Messages about sessions, levels and market state."""

from actors.impulse.bars import Second
from actors.impulse.daily import DailyLevels
from actors.impulse.daily import RegularSession
from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import MarketStateUpdate
from actors.impulse.messages import RegularSessionUpdate
from catalog.protocols import InstrumentKey
from indicators.core.market_state import MarketState


def state_message(
    instrument_id: InstrumentKey,
    bar: Second,
    state: MarketState,
    tick_size: float,
    ts_init: int,
) -> MarketStateUpdate:
    """Return the message about the market state after a bar."""
    return MarketStateUpdate(
        instrument_id,
        min(bar.end - 1, ts_init),
        ts_init,
        ts_second=bar.ts,
        imbalanced=state.imbalanced,
        vwap=(state.vwap or 0.0) * tick_size,
        atr=(state.atr or 0.0) * tick_size,
        ratio=state.ratio or 0.0,
        crossings=state.crossings,
        delta_sum=state.delta_sum,
        trend=state.trend,
    )


def session_message(
    instrument_id: InstrumentKey,
    session: RegularSession,
    tick_size: float,
    lot_size: float,
    ts_event: int,
    ts_init: int,
) -> RegularSessionUpdate:
    """Return the message about a regular session that has closed."""
    return RegularSessionUpdate(
        instrument_id,
        ts_event,
        ts_init,
        day=session.day.isoformat(),
        tick_size=tick_size,
        lot_size=lot_size,
        open=session.open,
        high=session.high,
        low=session.low,
        close=session.close,
        volume=session.volume,
        poc=session.poc,
        vah=session.vah,
        val=session.val,
    )


def levels_message(
    instrument_id: InstrumentKey,
    levels: DailyLevels,
    tick_size: float,
    ts_event: int,
    ts_init: int,
) -> DailyLevelsUpdate:
    """Return the message about the levels in force."""
    prior = levels.prior
    return DailyLevelsUpdate(
        instrument_id,
        ts_event,
        ts_init,
        day=levels.day.isoformat(),
        prior_day=None if prior is None else prior.day.isoformat(),
        reason=levels.reason,
        tick_size=tick_size,
        pdh=None if prior is None else prior.high,
        pdl=None if prior is None else prior.low,
        pdc=None if prior is None else prior.close,
        onh=levels.onh,
        onl=levels.onl,
        poc=None if prior is None else prior.poc,
        vah=None if prior is None else prior.vah,
        val=None if prior is None else prior.val,
        opens_at=levels.opens_at,
        closes_at=levels.closes_at,
        ends_at=levels.ends_at,
    )
