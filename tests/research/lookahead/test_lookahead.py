"""A system that sees what comes later is found, and one that does not is not."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.instruments import resolve_instrument
from catalog.reader import MergedTicks
from catalog.reader import read_ticks
from catalog.sample.schedule import FIRST_DAY
from catalog.writer import write_ticks
from errors import AuctionError
from errors import UsageError
from research.evaluation import EvaluatedDecision
from research.evaluation import EvaluatedFill
from research.evaluation import Evaluation
from research.lookahead.altered import AnotherFuture
from research.lookahead.check import check_later_data
from research.lookahead.check import compare_reasons
from research.lookahead.check import copy_window
from research.lookahead.check import cuts_of
from research.lookahead.command import LookaheadOptions
from research.lookahead.command import run_lookahead


INSTRUMENT = "BTCUSDT-LINEAR.BYBIT"
SECOND = 1_000_000_000
START = 1_767_571_200 * SECOND
EVENTS = 600
END = START + EVENTS * SECOND
WINDOW = (START, END)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    random = np.random.default_rng(1)
    times = START + np.arange(EVENTS, dtype=np.int64) * SECOND
    mid = 900_000 + random.integers(-20, 21, EVENTS).cumsum()
    ones = np.ones(EVENTS, dtype=np.int64)
    trades = TradeBatch(
        times,
        mid,
        5 * ones,
        random.integers(1, 3, EVENTS).astype(np.uint8),
        pa.array([str(n) for n in range(EVENTS)], pa.string()),
    )
    quotes = QuoteBatch(times, mid - 1, mid + 1, 9 * ones, 9 * ones)
    instrument = resolve_instrument(INSTRUMENT, on=FIRST_DAY)
    write_ticks(folder, instrument, [trades], [quotes], "synthetic")
    return folder


def ticks(catalog: Path) -> MergedTicks:
    parts = list(read_ticks(catalog, INSTRUMENT))
    names = MergedTicks.__dataclass_fields__
    return MergedTicks(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def system(catalog: Path, window: tuple[int, int], peek_s: int = 0) -> Evaluation:
    """Decide each minute on the last price, or on one of so many seconds later, and trade it."""
    rows = ticks(catalog)
    trades = rows.kind == 1
    times, prices = rows.ts_event[trades], rows.a[trades]
    decisions, fills = [], []
    for end in range(window[0] + 60 * SECOND, window[1], 60 * SECOND):
        seen = np.searchsorted(times, end + peek_s * SECOND)
        price = int(prices[max(0, seen - 1)])
        decisions.append(EvaluatedDecision(end - 1, INSTRUMENT, f"AT_{price}", "ENTER", None))
        after = int(prices[min(len(prices) - 1, np.searchsorted(times, end))])
        side = "BUY" if price % 2 else "SELL"
        fills.append(EvaluatedFill(end, INSTRUMENT, "ENTRY", side, 1, after, "TAKER", Decimal(0)))
    money = Decimal(10_000)
    return Evaluation(
        *window, "USDT", money, money, tuple(decisions), tuple(fills), (), (), "nautilus"
    )


def test_a_system_that_peeks_is_found(market: Path, tmp_path: Path) -> None:
    # The cut lies within the 30 seconds that it sees ahead.
    cut = START + 300 * SECOND + 10 * SECOND
    _, found = check_later_data(
        lambda catalog, window: system(catalog, window, peek_s=30),
        market,
        [INSTRUMENT],
        WINDOW,
        [cut],
        tmp_path,
    )
    assert found[0].difference is not None
    assert found[0].difference.startswith("2026-01-05 00:04:59")


def test_a_system_that_does_not_peek_is_not(market: Path, tmp_path: Path) -> None:
    cuts = cuts_of(WINDOW, 3, seed=1)
    reference, found = check_later_data(system, market, [INSTRUMENT], WINDOW, cuts, tmp_path)
    assert [row.difference for row in found] == [None] * 3
    assert [row.decisions for row in found] == [(cut - START) // (60 * SECOND) for cut in cuts]
    assert all(row.fills for row in found)
    assert reference == system(market, WINDOW)


def test_cuts_are_seeded_and_within_the_window() -> None:
    cuts = cuts_of(WINDOW, 20, seed=4)
    assert cuts == cuts_of(WINDOW, 20, seed=4) != cuts_of(WINDOW, 20, seed=5)
    assert cuts == sorted(cuts)
    assert cuts[0] > START
    assert cuts[-1] < END


@pytest.mark.parametrize("is_higher", [True, False])
def test_another_future_alters_drops_and_inserts(
    market: Path, tmp_path: Path, *, is_higher: bool
) -> None:
    at = START + 300 * SECOND
    copy_window(market, tmp_path, [INSTRUMENT], WINDOW, AnotherFuture(at, is_higher=is_higher))
    own, other = ticks(market), ticks(tmp_path)
    early, late = other.ts_event < at, other.ts_event >= at
    for name in MergedTicks.__dataclass_fields__:
        expected = getattr(own, name)[own.ts_event < at]
        assert getattr(other, name)[early].tolist() == expected.tolist(), name
    # 600 rows: a third is dropped, a fifth is there twice or in spite of that.
    assert late.sum() == 400 + 120
    moved = int(other.a[late].mean() - own.a[own.ts_event >= at].mean())
    assert abs(moved) == pytest.approx(4_500, rel=0.02)
    assert (moved > 0) is is_higher
    assert (other.b[late & (other.kind == 0)] > other.a[late & (other.kind == 0)]).all()


def test_runs_that_show_nothing_are_refused(market: Path, tmp_path: Path) -> None:
    with pytest.raises(AuctionError, match="no decision before"):
        check_later_data(
            system, market, [INSTRUMENT], WINDOW, [START + 59 * SECOND], tmp_path / "early"
        )
    with pytest.raises(AuctionError, match="change no decision and no fill"):
        check_later_data(
            lambda catalog, window: system(market, window),
            market,
            [INSTRUMENT],
            WINDOW,
            [START + 300 * SECOND],
            tmp_path / "deaf",
        )


def test_a_warm_up_that_matters_is_found(market: Path) -> None:
    later, since = START + 120 * SECOND, START + 400 * SECOND
    reference = system(market, WINDOW)
    begun_later = system(market, (later, END))
    same = compare_reasons(later, since, reference, begun_later)
    assert same.difference is None
    assert same.decisions == 3
    # A run that is not warm decides nothing.
    cold = compare_reasons(later, since, reference, system(market, (later, since)))
    assert (cold.decisions, cold.difference) == (0, None)
    other = system(market, (later + SECOND, END))
    assert compare_reasons(later, since, reference, other).difference is not None


@pytest.mark.parametrize(("name", "value"), [("cuts", 0), ("cuts", 101), ("seed", -1)])
def test_arguments_out_of_range_are_named(name: str, value: int) -> None:
    options = {"cuts": 1, "seed": 1, name: value}
    with pytest.raises(UsageError, match=f"--{name} {value}"):
        run_lookahead(
            LookaheadOptions(
                system="btc_value_area",
                environment="backtest",
                overrides=(),
                catalog=None,
                start=None,
                end=None,
                **options,
            )
        )
