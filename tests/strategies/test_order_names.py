"""Client order ids are Nautilus's, whatever the time."""

from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.generators import ClientOrderIdGenerator
from nautilus_trader.model.identifiers import StrategyId
from nautilus_trader.model.identifiers import TraderId

from strategies.common.nautilus.order_names import OrderNames


TRADER, STRATEGY = TraderId("LIVE-001"), StrategyId("ValueAreaStrategy-007")
# 1970 to 2200, to the nanosecond.
TIMES = st.lists(st.integers(0, 7_258_118_400_000_000_000), min_size=1, max_size=5)


@given(times=TIMES, count=st.integers(0, 100_000))
def test_ids_equal_those_that_nautilus_makes(times: list[int], count: int) -> None:
    clock = TestClock()
    theirs = ClientOrderIdGenerator(TRADER, STRATEGY, clock, count)
    ours = OrderNames(clock.timestamp_ns, TRADER.get_tag(), STRATEGY.get_tag(), count)
    for now in [*times, times[-1]]:
        clock.set_time(now)
        assert ours.new() == theirs.generate().value
