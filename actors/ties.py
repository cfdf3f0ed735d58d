"""Events of one time, which a catalog delivers a nanosecond apart."""

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.component import Clock
from nautilus_trader.model.identifiers import InstrumentId


def is_within_ties(cache: CacheFacade, instrument_id: InstrumentId, clock: Clock) -> bool:
    """
    Return whether the event after this moment may have happened before it.

    A catalog gives each event of an instrument a `ts_init` of its own: of events of one time each
    comes a nanosecond after the other, so that some come when their time is over. There is no gap
    in such a row: where no event has come at the present time it has ended.

    Parameters
    ----------
    cache : CacheFacade
        The cache.
    instrument_id : InstrumentId
        The instrument.
    clock : Clock
        The clock of a backtest.

    """
    now = clock.timestamp_ns()
    last = (cache.quote_tick(instrument_id), cache.trade_tick(instrument_id))
    return any(tick is not None and tick.ts_init == now for tick in last)
