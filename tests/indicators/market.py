"""Random events for the property tests."""

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from tests.indicators.reference import MINUTE
from tests.indicators.reference import Event


START = 28_000_000 * MINUTE

quick = settings(max_examples=60, deadline=None)

sizes = st.integers(1, 9)
steps = st.one_of(
    st.sampled_from([0, 1, 1_000_000, 250_000_000, 250_000_001, MINUTE - 1, MINUTE]),
    st.integers(0, 20_000_000_000),
    st.integers(0, 12).map(lambda minutes: minutes * MINUTE),
)
late_steps = st.integers(-8 * MINUTE, -1)


@st.composite
def events(draw: st.DrawFn, late: bool = True, max_size: int = 50) -> list[Event]:
    """Draw (kind, ts, price or bid, ask, size or bid size, ask size, side) in stream order."""
    base = draw(st.sampled_from([600_000, 40, -3_763]))
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 1),
                st.one_of(steps, late_steps) if late and draw(st.booleans()) else steps,
                st.integers(-6, 6),
                st.integers(-1, 4),
                sizes,
                sizes,
                st.integers(0, 2),
            ),
            min_size=1,
            max_size=max_size,
        ),
    )
    now = START + draw(st.integers(0, MINUTE))
    result = []
    for kind, step, price, spread, size, ask_size, side in rows:
        ts = now + step
        now = max(now, ts)
        if kind == 0:
            result.append((0, ts, base + price, base + price + spread, size, ask_size, 0))
        else:
            result.append((1, ts, base + price, 0, size, 0, side))
    return result


def columns(rows: list[Event]) -> list[Any]:
    """Return the events as the arrays of `MinuteFeatures.update_many`."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 7)
    kinds = (np.uint8, *[np.int64] * 5, np.uint8)
    return [table[:, i].astype(kind) for i, kind in enumerate(kinds)]


def feed(features: Any, rows: list[Event]) -> None:
    for kind, ts, price, ask, size, ask_size, side in rows:
        if kind == 0:
            features.update_quote(ts, price, ask, size, ask_size)
        else:
            features.update_trade(ts, price, size, side)
