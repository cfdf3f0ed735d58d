"""Target statistics of each market of the sample, and the real markets behind them."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.sample.commodity_futures import CRUDE
from catalog.sample.commodity_futures import GOLD
from catalog.sample.crypto import BITCOIN
from catalog.sample.index_futures import MICRO_SP500
from catalog.sample.index_futures import NASDAQ
from catalog.sample.index_futures import SP500
from catalog.sample.stocks import STOCK


@dataclass(frozen=True, slots=True)
class StatedMarket:
    """
    States the figures of one market.

    Attributes
    ----------
    hours : str
        The trading hours.
    source : str
        The source of its figures.
    real : Mapping[str, float]
        Figures measured on real data, under the names of `MarketStatistics`: the sample lies
        between 0.7 and 1.3 times each. Empty where nothing is recorded, or they are not kept.
    ranges : Mapping[str, tuple[float, float]]
        Where the statistics of two days of the sample lie for any seed.

    """

    hours: str
    source: str
    real: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]


GLOBEX = "18:00 to 17:00 New York, Sunday to Friday, holidays and early closes of Globex"
_INDEX_RANGES = {
    "mean_spread": (1.08, 1.16),
    "minute_sigma": (1.5, 2.6),
    "minute_range": (1.2, 1.8),
    "median_size": (1.0, 1.0),
    "size_99": (18.0, 25.0),
    "trades_per_minute": (45.0, 85.0),
    "busiest_minute": (500.0, 4000.0),
    "empty_minutes": (0.005, 0.035),
    "side_autocorrelation": (0.31, 0.39),
    "equal_millisecond": (0.42, 0.49),
    "inside_spread": (0.0003, 0.0015),
    "regular_share": (0.55, 0.72),
}
_SP500_SOURCE = (
    "minute trades and quotes of ES of 16 days of 2013 and 2020 (19,083 minutes); sizes, rates and "
    "sides after recorded NQ trades of November 2025"
)
_SP500_REAL = {"mean_spread": 1.0, "minute_sigma": 2.1, "minute_range": 1.5}

STATED_MARKETS = {
    BITCOIN.instrument_id: StatedMarket(
        hours="always",
        source="45,031 minutes of a BTC perpetual of January 2022 (single days have a sigma of 5 "
        "to 18 bp) and 66,089 quotes of BTCUSDT of 8 August 2024; fees of the base tier",
        real={"mean_spread": 2.0, "minute_sigma": 9.9, "minute_range": 8.6},
        ranges={
            "mean_spread": (1.6, 1.8),
            "minute_sigma": (7.5, 10.5),
            "minute_range": (7.0, 8.9),
            "median_size": (14.0, 18.0),
            "size_99": (1500.0, 1800.0),
            "trades_per_minute": (90.0, 125.0),
            "busiest_minute": (800.0, 3000.0),
            "empty_minutes": (0.015, 0.045),
            "side_autocorrelation": (0.79, 0.86),
            "equal_millisecond": (0.85, 0.91),
            "inside_spread": (0.0015, 0.003),
            "regular_share": (0.33, 0.5),
        },
    ),
    NASDAQ.instrument_id: StatedMarket(
        hours=GLOBEX,
        source="sizes, sides and times after 90,562 trades of NQ of 28 November 2025; calmer by "
        "half in the median minute, for its moves are in its impulses",
        real={},
        ranges={
            "mean_spread": (1.6, 1.8),
            "minute_sigma": (1.4, 3.0),
            "minute_range": (1.1, 1.5),
            "median_size": (1.0, 1.0),
            "size_99": (7.0, 9.0),
            "trades_per_minute": (60.0, 85.0),
            "busiest_minute": (600.0, 3000.0),
            "empty_minutes": (0.005, 0.03),
            "side_autocorrelation": (0.24, 0.3),
            "equal_millisecond": (0.34, 0.41),
            "inside_spread": (0.0025, 0.0045),
            "regular_share": (0.55, 0.7),
        },
    ),
    SP500.instrument_id: StatedMarket(GLOBEX, _SP500_SOURCE, _SP500_REAL, _INDEX_RANGES),
    MICRO_SP500.instrument_id: StatedMarket(
        GLOBEX, f"the price of ES; {_SP500_SOURCE}", _SP500_REAL, _INDEX_RANGES
    ),
    CRUDE.instrument_id: StatedMarket(
        hours=GLOBEX,
        source="31,491 minutes of CL of October 2024; spread, sizes and rates are assumed",
        real={"minute_sigma": 7.2, "minute_range": 5.7},
        ranges={
            "mean_spread": (1.24, 1.34),
            "minute_sigma": (5.0, 7.5),
            "minute_range": (5.5, 7.4),
            "median_size": (1.0, 1.0),
            "size_99": (5.0, 8.0),
            "trades_per_minute": (40.0, 70.0),
            "busiest_minute": (350.0, 4000.0),
            "empty_minutes": (0.005, 0.035),
            "side_autocorrelation": (0.26, 0.33),
            "equal_millisecond": (0.36, 0.42),
            "inside_spread": (0.003, 0.0055),
            "regular_share": (0.35, 0.52),
        },
    ),
    GOLD.instrument_id: StatedMarket(
        hours=GLOBEX,
        source="5,338 minute trades and quotes of GC of four days of October 2013 and the sizes of "
        "91,740 trades of two of them; rates are assumed",
        real={"mean_spread": 1.8, "minute_sigma": 3.7, "minute_range": 3.0, "median_size": 1.0},
        ranges={
            "mean_spread": (1.8, 1.92),
            "minute_sigma": (2.6, 4.2),
            "minute_range": (2.4, 3.6),
            "median_size": (1.0, 1.0),
            "size_99": (5.0, 8.0),
            "trades_per_minute": (40.0, 70.0),
            "busiest_minute": (350.0, 3000.0),
            "empty_minutes": (0.005, 0.035),
            "side_autocorrelation": (0.25, 0.33),
            "equal_millisecond": (0.36, 0.43),
            "inside_spread": (0.006, 0.0095),
            "regular_share": (0.3, 0.45),
        },
    ),
    STOCK.instrument_id: StatedMarket(
        hours="09:30 to 16:00 New York on days of the stock exchange, or to its early close",
        source="nothing recorded: a large stock with a day of 1.1 %, a spread of one or two cents "
        "(the tick of SEC rule 612 is one cent) and odd lots, as is usual",
        real={},
        ranges={
            "mean_spread": (1.52, 1.62),
            "minute_sigma": (4.3, 7.0),
            "minute_range": (5.4, 7.6),
            "median_size": (35.0, 39.0),
            "size_99": (540.0, 660.0),
            "trades_per_minute": (90.0, 155.0),
            "busiest_minute": (400.0, 4000.0),
            "empty_minutes": (0.0, 0.06),
            "side_autocorrelation": (0.43, 0.51),
            "equal_millisecond": (0.57, 0.63),
            "inside_spread": (0.013, 0.019),
            "regular_share": (1.0, 1.0),
        },
    ),
}
