"""Events on the last nanosecond of a minute or second belong to it, however many there are."""

import random
from collections import Counter
from datetime import date

import pyarrow.parquet as pq
import pytest

from actors.impulse.messages import SecondBar
from actors.value_area.messages import ValueAreaMinute
from backtests.system_features import write_system_features
from catalog.instruments import resolve_instrument
from catalog.sessions import at_minute
from configs.loader import load_backtest
from indicators.core.minute import COLUMNS
from tests.engines import collecting
from tests.engines import run_node
from tests.markets import MINUTE
from tests.markets import MS
from tests.markets import NO_GAP
from tests.markets import iso
from tests.markets import write_catalog


# The engine's own call; raised in the name of whoever starts it.
pytestmark = pytest.mark.filterwarnings("ignore:Timestamp.utcnow:DeprecationWarning")

START = 1_767_571_200_000 * MS
SECOND = 1_000_000_000
NQ = resolve_instrument("NQH5.XCME", date(2025, 1, 8))
# Around a boundary, ties among them: the catalog delivers each a nanosecond after the other.
OFFSETS = (-3, -2, -2, -1, -1, -1, -1, 0, 0, 1)


def rows_around(boundaries, price, seed):
    """Events around boundaries, most of them on the nanoseconds next to them."""
    chance = random.Random(seed)
    rows = []
    for boundary in boundaries:
        for offset in OFFSETS:
            if chance.random() < 0.8:
                at = price + chance.randint(-20, 20)
                is_quote = chance.random() < 0.4
                quote = (0, boundary + offset, at, 50, at + 1, 40)
                rows.append(quote if is_quote else (1, boundary + offset, at, 5, 1))
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_a_backtest_closes_the_minutes_that_a_pass_over_the_catalog_closes(tmp_path, seed):
    boundaries = [START + number * MINUTE for number in range(1, 5)]
    rows = [(0, START, 500_000, 50, 500_001, 50), (1, START, 500_000, 5, 1)]
    rows += rows_around(boundaries, 500_000, seed)
    rows += [(1, boundaries[-1] + 7, 500_000, 5, 1), (1, START + 6 * MINUTE, 500_000, 5, 1)]
    catalog = write_catalog(tmp_path / "catalog", rows)
    # A chunk may end among the events of one time.
    overrides = [
        f"catalog={catalog}",
        f"chunk_size={1 + seed}",
        f"end='{iso(START + 7 * MINUTE)}'",
        NO_GAP,
    ]
    collectors = []
    run_node(
        load_backtest("btc_value_area", overrides=overrides),
        lambda engine: collectors.append(collecting(engine, ValueAreaMinute)),
    ).dispose()
    out = tmp_path / "features.parquet"
    assert write_system_features("btc_value_area", catalog, out, overrides=[NO_GAP]) == (6, [])

    table = pq.read_table(tmp_path / "features.parquet").select(COLUMNS)
    batch = [dict(row, ts_min=row["ts_min"].value) for row in table.to_pylist()]
    found = [minute.columns() for minute in collectors[0].of(ValueAreaMinute)]
    # The run goes on to its end, the pass to the last minute that an event closes.
    assert len(batch) == 6
    assert [repr(row) for row in found[:6]] == [repr(row) for row in batch]
    assert sum(row["late_trades"] for row in found) == 0
    expected = Counter(row[1] // MINUTE * MINUTE for row in rows if row[0] == 1)
    closed = {row["ts_min"]: row["trade_count"] for row in found if row["trade_count"]}
    assert closed == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_backtest_counts_trades_to_the_second_that_they_happened_in(tmp_path, seed):
    opening = at_minute(date(2025, 1, 8), 9 * 60 + 30)
    boundaries = [opening + number * SECOND for number in range(1, 30)]
    rows = [row for row in rows_around(boundaries, 86_000, seed) if row[0] == 1]
    rows.append((1, opening + 60 * SECOND, 86_000, 1, 1))
    catalog = write_catalog(tmp_path / "catalog", rows, str(NQ.id), instrument=NQ)
    run = load_backtest(
        "nq_impulse_lvn",
        overrides=[
            f"catalog={catalog}",
            f"chunk_size={1 + seed}",
            f"instrument_id={NQ.id}",
            "data=[TradeTick]",
            f"end='{iso(opening + 90 * SECOND)}'",
        ],
    )
    bars = []
    run_node(
        run, lambda engine: engine.kernel.msgbus.subscribe(SecondBar.topic(), bars.append)
    ).dispose()

    expected = Counter(row[1] // SECOND * SECOND for row in rows)
    assert {bar.ts_second: bar.trade_count for bar in bars} == expected
    assert len(bars) == len(expected) > 30
