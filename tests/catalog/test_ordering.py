import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.ordering import merge_positions
from catalog.ordering import merge_positions_by_sequence
from catalog.ordering import rising_ts_init


times = st.lists(st.integers(0, 8), max_size=12).map(sorted)
numbered = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=12).map(sorted)


def array(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(times, times)
def test_quotes_come_before_trades_of_the_same_time(
    quote_ts: list[int],
    trade_ts: list[int],
) -> None:
    quote_at, trade_at = merge_positions(array(quote_ts), array(trade_ts))

    rows = [(ts, 0, at) for at, ts in enumerate(quote_ts)]
    rows += [(ts, 1, at) for at, ts in enumerate(trade_ts)]
    expected = {(kind, at): place for place, (_, kind, at) in enumerate(sorted(rows))}
    assert quote_at.tolist() == [expected[0, at] for at in range(len(quote_ts))]
    assert trade_at.tolist() == [expected[1, at] for at in range(len(trade_ts))]


@given(numbered, numbered)
def test_sequence_decides_at_equal_times(
    quote_rows: list[tuple[int, int]],
    trade_rows: list[tuple[int, int]],
) -> None:
    quote_at, trade_at = merge_positions_by_sequence(
        array([ts for ts, _ in quote_rows]),
        array([ts for ts, _ in trade_rows]),
        array([seq for _, seq in quote_rows]),
        array([seq for _, seq in trade_rows]),
    )

    rows = [(ts, seq, 0, at) for at, (ts, seq) in enumerate(quote_rows)]
    rows += [(ts, seq, 1, at) for at, (ts, seq) in enumerate(trade_rows)]
    expected = {(kind, at): place for place, (_, _, kind, at) in enumerate(sorted(rows))}
    assert quote_at.tolist() == [expected[0, at] for at in range(len(quote_rows))]
    assert trade_at.tolist() == [expected[1, at] for at in range(len(trade_rows))]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=10),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=10),
)
def test_each_stream_keeps_its_order_against_its_sequence_numbers(
    quote_rows: list[tuple[int, int]],
    trade_rows: list[tuple[int, int]],
) -> None:
    quote_rows = sorted(quote_rows, key=lambda row: row[0])
    trade_rows = sorted(trade_rows, key=lambda row: row[0])
    quote_ts = array([ts for ts, _ in quote_rows])
    trade_ts = array([ts for ts, _ in trade_rows])

    quote_at, trade_at = merge_positions_by_sequence(
        quote_ts,
        trade_ts,
        array([seq for _, seq in quote_rows]),
        array([seq for _, seq in trade_rows]),
    )

    joint = np.empty(len(quote_ts) + len(trade_ts), dtype=np.int64)
    joint[quote_at], joint[trade_at] = quote_ts, trade_ts
    assert sorted([*quote_at.tolist(), *trade_at.tolist()]) == list(range(len(joint)))
    assert np.all(np.diff(joint) >= 0)
    assert np.all(np.diff(quote_at) > 0)
    assert np.all(np.diff(trade_at) > 0)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20).map(sorted), st.integers(-1, 20))
def test_ts_init_is_the_event_time_or_one_after_the_row_before(
    ts_event: list[int],
    after: int,
) -> None:
    expected = []
    last = after
    for ts in ts_event:
        last = max(ts, last + 1)
        expected.append(last)

    assert rising_ts_init(array(ts_event), after).tolist() == expected
