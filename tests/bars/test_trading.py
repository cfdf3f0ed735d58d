"""A bar actor, a machine and a trading strategy over given minute bars, in whole runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests.runner import run_backtest
from catalog.batches import BarBatch
from catalog.instruments import resolve_instrument
from catalog.writer import write_bars
from configs.loader import load_backtest
from tests.bars.system import Beyond
from tests.markets import BTC
from tests.markets import MINUTE


SYSTEM = Path(__file__).parent / "bars.yaml"
AXIS = 500_000
T0 = 1_767_571_200_000_000_000  # Monday 2026-01-05, 00:00 UTC
SPEC = "1-MINUTE-LAST-EXTERNAL"
FLAT = (0, 5, -5, 0)
# The second bar decides at its close, 10 above the first.
SIGNAL = (0, 12, -2, 10)
CONFIG = "strategies.0.config"
RULE = f"{CONFIG}.rule"


def written(folder, rows, minutes=None, instrument=BTC, axis=AXIS):
    """Write bars, in ticks from the axis, at minutes from the start (their ends)."""
    minutes = range(1, len(rows) + 1) if minutes is None else minutes
    prices = [axis + np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    ts = T0 + MINUTE * np.array(list(minutes), dtype=np.int64)
    batch = BarBatch(ts, *prices, np.full(len(rows), 9, dtype=np.int64))
    write_bars(folder, resolve_instrument(instrument), [batch], f"{instrument}-{SPEC}", "synthetic")
    return folder


def mirrored(rows):
    return [(-first, -low, -high, -last) for first, high, low, last in rows]


class Ran:
    """Runs the toy over bars, and reads what the run has left."""

    def __init__(
        self,
        folder,
        rows,
        *overrides,
        minutes=None,
        mirror=False,
        report=False,
        instrument=BTC,
        axis=AXIS,
    ):
        self.axis, self.tick = axis, float(resolve_instrument(instrument).price_increment)
        self.sign = -1 if mirror else 1
        rows = mirrored(rows) if mirror else rows
        catalog = written(folder / "catalog", rows, minutes, instrument, axis)
        run = load_backtest(
            str(SYSTEM),
            overrides=[f"catalog={catalog}", *overrides],
        )
        self.summary, self.folder = run_backtest(run, folder / "runs", report=report)

    def table(self, name):
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def fills(self):
        """Return minute, side, price in ticks from the axis, liquidity and reason of each fill."""
        table = self.table("fills")
        sides = {"BUY": 1, "SELL": -1}
        return [
            (
                (row.ts.value - T0) / MINUTE,
                sides[row.side] * self.sign,
                self.sign * (round(row.price / self.tick) - self.axis),
                row.liquidity,
                row.reason,
            )
            for row in table.itertuples()
        ]


@pytest.fixture(params=[False, True], ids=["long", "short"])
def mirror(request):
    return request.param


# Decided at minute 2 at the close of 10: stop at -10, target at 50, entry at 11 at the open of 10.
ENTRY = (10, 14, 8, 12)
IN = (3, 1, 11, "TAKER", "SIGNAL")
CASES = {
    # The bar that reaches the target is known at its close: the exit pays the open after it.
    "target": ([(12, 55, 9, 45), (44, 46, 40, 42)], (5, -1, 43, "TAKER", "TP2")),
    "stop": ([(12, 14, -30, -20), FLAT], (4, -1, -11, "TAKER", "STOP")),
    "stop and target in one bar": ([(12, 60, -30, 40), FLAT], (4, -1, -11, "TAKER", "STOP")),
    "gap through the stop": ([(-25, -20, -40, -30), FLAT], (4, -1, -26, "TAKER", "STOP")),
}


@pytest.mark.parametrize("case", CASES)
def test_a_trade_over_bars_leaves_at_the_assumed_price_on_both_sides(tmp_path, case, mirror):
    bars, leave = CASES[case]
    ran = Ran(tmp_path, [FLAT, SIGNAL, ENTRY, *bars], mirror=mirror)
    assert ran.fills == [IN, leave]
    assert ran.summary["trades"] == 1


@pytest.mark.parametrize("chunk_size", [1, "null"])
def test_the_size_of_a_chunk_reaches_no_fill(tmp_path, chunk_size):
    bars, leave = CASES["target"]
    ran = Ran(tmp_path, [FLAT, SIGNAL, ENTRY, *bars], f"chunk_size={chunk_size}")
    assert ran.fills == [IN, leave]


def test_the_bar_of_the_entry_counts_with_its_close_alone(tmp_path, mirror):
    rows = [FLAT, SIGNAL, (10, 60, 8, 12), FLAT]
    assert Ran(tmp_path / "range", rows, mirror=mirror).fills == [IN]
    rows = [FLAT, SIGNAL, (10, 60, 8, 55), (54, 56, 52, 54)]
    leave = (4, -1, 53, "TAKER", "TP2")
    assert Ran(tmp_path / "close", rows, mirror=mirror).fills == [IN, leave]


def test_the_bar_that_decides_changes_nothing_of_its_trade(tmp_path, mirror):
    # It has traded below the stop and above the target of what its close decides.
    rows = [FLAT, (0, 90, -90, 10), ENTRY, (12, 14, 9, 11)]
    assert Ran(tmp_path, rows, mirror=mirror).fills == [IN]


LIMIT = (
    f"{CONFIG}.use_limit_for_entry=true",
    f"{CONFIG}.limit_order_timeout_minutes=2",
    f"{RULE}.limit=5",
)


def test_a_limit_entry_rests_for_all_of_its_time_and_then_goes_at_market(tmp_path, mirror):
    # At 5; the bars of minutes 3 and 4 do not reach it, that of minute 5 opens at 13.
    rows = [FLAT, SIGNAL, ENTRY, (12, 15, 8, 13), (13, 14, 9, 12)]
    ran = Ran(tmp_path, rows, *LIMIT, mirror=mirror)
    assert ran.fills == [(5, 1, 14, "TAKER", "TIMEOUT")]


def test_the_last_bar_of_its_time_still_fills_a_limit_entry(tmp_path, mirror):
    rows = [FLAT, SIGNAL, ENTRY, (12, 15, 4, 13), (13, 14, 9, 12)]
    ran = Ran(tmp_path, rows, *LIMIT, mirror=mirror)
    assert ran.fills == [(4, 1, 5, "MAKER", "SIGNAL")]


def test_a_bar_that_falls_through_entry_and_stop_fills_both(tmp_path, mirror):
    rows = [FLAT, SIGNAL, ENTRY, (12, 15, -20, 13), FLAT]
    ran = Ran(tmp_path, rows, *LIMIT, mirror=mirror)
    assert ran.fills == [(4, 1, 5, "MAKER", "SIGNAL"), (4, -1, -11, "TAKER", "STOP")]


def test_a_time_out_in_a_pause_of_the_bars_pays_the_open_after_it(tmp_path, mirror):
    rows = [FLAT, SIGNAL, ENTRY, (30, 35, 4, 33)]
    ran = Ran(tmp_path, rows, *LIMIT, minutes=(1, 2, 3, 9), mirror=mirror)
    assert ran.fills == [(9, 1, 31, "TAKER", "TIMEOUT")]


def test_the_first_target_leaves_a_part_and_moves_the_stop_to_break_even(tmp_path, mirror):
    rows = [
        FLAT,
        SIGNAL,
        ENTRY,
        (12, 31, 9, 29),
        (28, 35, 25, 30),
        # Break-even is at 11.
        (30, 32, 10, 15),
        FLAT,
    ]
    ran = Ran(tmp_path, rows, f"{RULE}.first_target=20", mirror=mirror)
    assert ran.fills == [
        IN,
        (5, -1, 27, "TAKER", "TP1"),
        (6, -1, 10, "TAKER", "BREAKEVEN"),
    ]
    assert ran.summary["trades"] == 1


def test_a_trailing_stop_follows_the_best_price_of_closed_bars(tmp_path, mirror):
    rows = [
        FLAT,
        SIGNAL,
        ENTRY,
        # The stop follows to 40 - 15 = 25 at the close of this bar, not within it.
        (12, 40, 9, 30),
        (30, 38, 24, 28),
        FLAT,
    ]
    ran = Ran(tmp_path, rows, f"{RULE}.trail=15", f"{RULE}.target=null", mirror=mirror)
    assert ran.fills == [IN, (5, -1, 24, "TAKER", "TRAIL")]


def test_a_trailing_stop_that_the_close_has_passed_leaves_at_the_next_open(tmp_path, mirror):
    rows = [FLAT, SIGNAL, ENTRY, (12, 40, 9, 20), (19, 25, 15, 18)]
    ran = Ran(tmp_path, rows, f"{RULE}.trail=15", f"{RULE}.target=null", mirror=mirror)
    assert ran.fills == [IN, (5, -1, 18, "TAKER", "TRAIL")]


def test_the_time_stop_waits_while_the_close_has_a_profit(tmp_path):
    rows = [FLAT, SIGNAL, ENTRY, (300, 310, 290, 300), *[(300, 305, 295, 300)] * 3]
    settings = (
        f"{CONFIG}.max_hold_minutes=2",
        f"{CONFIG}.taker_fee_bps=0.01",
        f"{RULE}.target=null",
    )
    free = "venues.BYBIT.fee_model.config.taker_bps=0"
    stays = Ran(tmp_path / "profit", rows, *settings, free)
    assert stays.fills == [IN]
    rows = [FLAT, SIGNAL, ENTRY, *[(5, 9, 3, 5)] * 4]
    leaves = Ran(tmp_path / "loss", rows, *settings, free)
    assert leaves.fills == [IN, (6, -1, 4, "TAKER", "TIME")]


@pytest.mark.parametrize(("after_s", "minute", "price"), [(120, 5, 43), (90, 5, 43), (60, 4, 11)])
def test_an_exit_by_the_clock_pays_an_open_that_was_still_to_come(
    tmp_path, after_s, minute, price, mirror
):
    rows = [FLAT, SIGNAL, ENTRY, (12, 48, 9, 45), (44, 46, 40, 42), FLAT]
    ran = Ran(tmp_path, rows, f"{RULE}.leave_after={after_s * 1_000_000_000}", mirror=mirror)
    assert ran.fills[:2] == [IN, (minute, -1, price, "TAKER", "FLATTEN")]


def test_the_close_of_a_bar_stands_for_the_quote_at_its_decision(tmp_path):
    Ran(tmp_path, [FLAT, SIGNAL, ENTRY])
    assert Beyond.seen == [(AXIS + close,) * 3 for close in (0, 10, 12)]


def test_a_spread_that_nobody_quotes_counts_as_a_tick(tmp_path):
    gates = (f"{CONFIG}.min_stop_spreads=20", f"{RULE}.stop=20")
    assert Ran(tmp_path / "enough", [FLAT, SIGNAL, ENTRY], *gates).fills == [IN]
    gates = (f"{CONFIG}.min_stop_spreads=21", f"{RULE}.stop=20")
    near = Ran(tmp_path / "near", [FLAT, SIGNAL, ENTRY], *gates)
    # The bar after the signal closes beyond it as well.
    assert near.summary["refusals"] == {"STOP_IN_SPREAD": 2}


# The last minutes of a Friday at the CME, and the first of the Sunday after it.
FRIDAY, SUNDAY = 4 * 1440 + 22 * 60, 6 * 1440 + 23 * 60 + 1


def over_a_weekend(folder, rows, minutes, *overrides, mirror):
    return Ran(
        folder,
        rows,
        "instrument_id=ESH6.XCME",
        *overrides,
        minutes=minutes,
        mirror=mirror,
        instrument="ESH6.XCME",
        axis=20_000,
    )


def test_a_stop_over_a_weekend_pays_the_open_of_the_sunday(tmp_path, mirror):
    ran = over_a_weekend(
        tmp_path,
        [FLAT, SIGNAL, ENTRY, (-40, -35, -50, -45), FLAT],
        (FRIDAY - 2, FRIDAY - 1, FRIDAY, SUNDAY, SUNDAY + 1),
        mirror=mirror,
    )
    assert ran.fills == [
        (FRIDAY, 1, 11, "TAKER", "SIGNAL"),
        (SUNDAY, -1, -41, "TAKER", "STOP"),
    ]
    # Hours in which the market is closed are no gap.
    assert ran.summary["gaps"]["count"] == 0


def test_what_the_last_close_of_a_week_decides_meets_the_open_of_the_sunday(tmp_path, mirror):
    rows = [FLAT, SIGNAL, (15, 20, 4, 16)]
    minutes = (FRIDAY - 1, FRIDAY, SUNDAY)
    at_market = over_a_weekend(tmp_path / "market", rows, minutes, mirror=mirror)
    assert at_market.fills == [(SUNDAY, 1, 16, "TAKER", "SIGNAL")]
    # A limit entry whose time has ended over the weekend goes at market.
    limit = over_a_weekend(tmp_path / "limit", rows, minutes, *LIMIT, mirror=mirror)
    assert limit.fills == [(SUNDAY, 1, 16, "TAKER", "TIMEOUT")]


def test_a_run_says_that_bars_filled_its_orders(tmp_path):
    bars, _ = CASES["target"]
    ran = Ran(tmp_path, [FLAT, SIGNAL, ENTRY, *bars], report=True)
    assumed = ran.summary["assumptions"]
    assert "one tick where a rule needs it" in assumed["BYBIT quotes and trades"]
    assert "at the close of a bar" in assumed["BYBIT targets and trailing stops"]
    assert "may be overstated" in assumed["BYBIT excursions"]
    assert ran.summary["warnings"][0].startswith(f"{SPEC} bars alone fill orders, of any size")
    page = (ran.folder / "report.html").read_text()
    assert "may be overstated" in page
    assert "by the prints of the market" not in page
    # From the bar of the entry on: what lay before the fill counts as well.
    (row,) = ran.table("positions").itertuples()
    assert (row.mae, row.mfe) == (pytest.approx(0.3), pytest.approx(4.4))
