from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from catalog.merging import in_intervals


def split(times: list[int], cuts: list[int]) -> list[pa.Table]:
    bounds = sorted({0, len(times), *(times.index(cut) for cut in cuts if cut in times)})
    return [
        pa.table({"ts_event": np.array(times[start:end], dtype=np.int64)})
        for start, end in pairwise(bounds)
    ]


sorted_times = st.lists(st.integers(0, 20), max_size=30).map(sorted)
cuts = st.lists(st.integers(0, 20), max_size=6)


@settings(deadline=None)
@given(sorted_times, cuts, sorted_times, cuts)
def test_streams_come_piece_by_piece_with_equal_times_together(
    quotes: list[int],
    quote_cuts: list[int],
    trades: list[int],
    trade_cuts: list[int],
) -> None:
    streams = {"quotes": split(quotes, quote_cuts), "trades": split(trades, trade_cuts)}
    longest = max((len(part) for parts in streams.values() for part in parts), default=0)

    pieces = list(in_intervals({name: iter(parts) for name, parts in streams.items()}))

    columns = [
        {name: part["ts_event"].to_pylist() for name, part in piece.items()} for piece in pieces
    ]
    for name, times in (("quotes", quotes), ("trades", trades)):
        assert [ts for piece in columns for ts in piece.get(name, [])] == times
    assert all(0 < len(times) <= longest for piece in columns for times in piece.values())
    ends = [(min(map(min, piece.values())), max(map(max, piece.values()))) for piece in columns]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
