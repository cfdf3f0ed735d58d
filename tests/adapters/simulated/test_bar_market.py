"""A market of bars alone: what each bar fills, in minutes from the start and ticks."""

import pytest
from nautilus_trader.model.data import Bar
from nautilus_trader.model.data import BarType

from adapters.simulated.nautilus.fills import VenueFillsConfig
from tests.adapters.simulated.desk import BAR_SPEC
from tests.adapters.simulated.desk import MINUTE
from tests.adapters.simulated.desk import MS
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import Played
from tests.adapters.simulated.desk import build
from tests.adapters.simulated.desk import play
from tests.adapters.simulated.desk import run


AXIS = 10_000
M = MINUTE // MS
OPPOSITE = {"BUY": "SELL", "SELL": "BUY"}


class Market:
    """A market of bars and orders that can be mirrored."""

    def __init__(self, *, mirrored, queue="through", slippage=1):
        self.mirrored = mirrored
        self.maker = Maker()
        self.config = VenueFillsConfig(
            slippage_ticks_entry=slippage,
            slippage_ticks_exit=slippage,
            queue=queue,
            touch="bar",
            bar_spec=BAR_SPEC,
        )

    def price(self, ticks):
        return 2 * AXIS - ticks if self.mirrored else ticks

    def side(self, side):
        return OPPOSITE[side] if self.mirrored else side

    def bars(self, *rows):
        made = []
        for minute, (open_, high, low, close) in enumerate(rows):
            low, high = sorted((self.price(low), self.price(high)))
            made.append(self.maker.bar(minute, self.price(open_), high, low, self.price(close)))
        return made

    def market(self, side, lots=2, **options):
        return lambda s: s.market(self.side(side), lots, **options)

    def limit(self, side, ticks, lots=2, **options):
        return lambda s: s.limit(self.side(side), lots, self.price(ticks), **options)

    def stop(self, side, ticks, lots=2):
        return lambda s: s.protect(self.side(side), lots, self.price(ticks))

    def fills(self, bars, *actions, protect=None):
        """Return minute, side, lots, price and liquidity of each fill; entries are protected."""
        played = play(self.maker, bars, list(actions), fills=self.config, protect=protect)
        return [
            (ms / M, self.side(side), lots, self.price(int(price)), liquidity)
            for ms, side, lots, price, liquidity in played.fills
        ]


@pytest.fixture(params=[False, True], ids=["as it is", "mirrored"])
def mirrored(request):
    return request.param


FLAT = (9_900, 9_905, 9_895, 9_900)


def test_a_market_order_pays_the_open_of_the_next_bar(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_910, 9_920, 9_905, 9_915), FLAT)
    fills = m.fills(bars, (2 * M, m.market("BUY")))
    assert fills == [(3, "BUY", 2, 9_911, "T")]


def test_the_bar_that_decides_fills_nothing(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_890, 9_900, 9_880, 9_895), (9_890, 9_891, 9_889, 9_890))
    # At the close of the second bar a limit lies within that bar.
    fills = m.fills(bars, (2 * M, m.limit("BUY", 9_897)))
    assert fills == [(3, "BUY", 2, 9_891, "T")]


@pytest.mark.parametrize(
    ("queue", "low", "filled"),
    [("through", 9_890, False), ("through", 9_889, True), ("touch", 9_890, True)],
)
def test_a_resting_limit_fills_where_the_bar_trades_through_it(mirrored, queue, low, filled):
    m = Market(mirrored=mirrored, queue=queue)
    bars = m.bars(FLAT, (9_900, 9_905, low, 9_900), FLAT)
    fills = m.fills(bars, (1 * M, m.limit("BUY", 9_890)))
    assert fills == ([(2, "BUY", 2, 9_890, "M")] if filled else [])


def test_a_resting_limit_gets_its_price_where_the_market_gaps_over_it(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_880, 9_885, 9_870, 9_880))
    fills = m.fills(bars, (1 * M, m.limit("BUY", 9_890)))
    assert fills == [(3, "BUY", 2, 9_890, "M")]


def test_an_arriving_limit_pays_no_more_than_its_price(mirrored):
    m = Market(mirrored=mirrored, slippage=5)
    bars = m.bars(FLAT, (9_895, 9_900, 9_894, 9_896), FLAT)
    fills = m.fills(bars, (1 * M, m.limit("BUY", 9_897)))
    assert fills == [(2, "BUY", 2, 9_897, "T")]


def test_a_post_only_limit_does_not_take_the_open(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_880, 9_881, 9_879, 9_880), FLAT)
    fills = m.fills(bars, (1 * M, m.limit("BUY", 9_890, post_only=True)))
    assert fills == [(2, "BUY", 2, 9_890, "M")]


@pytest.mark.parametrize("sent", [1 * M + 30_000, 2 * M - 1 / MS])
def test_what_is_sent_while_a_bar_forms_meets_the_open_of_the_next(mirrored, sent):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_910, 9_920, 9_905, 9_915), FLAT)
    assert m.fills(bars, (sent, m.market("BUY"))) == [(3, "BUY", 2, 9_911, "T")]


def test_a_limit_sent_while_a_bar_forms_is_not_filled_by_what_came_before(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_900, 9_905, 9_870, 9_900), (9_885, 9_890, 9_884, 9_888), FLAT)
    fills = m.fills(bars, (1 * M + 30_000, m.limit("BUY", 9_886)))
    # It arrives at the open of the next one, as any other.
    assert fills == [(3, "BUY", 2, 9_886, "T")]


def test_a_stop_sent_while_a_bar_forms_meets_that_bar(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_900, 9_905, 9_870, 9_900), FLAT)
    fills = m.fills(bars, opened(m), (2 * M + 30_000, m.stop("SELL", 9_880)))
    assert fills[1:] == [(3, "SELL", 2, 9_879, "T")]


def opened(m):
    return (1 * M, m.market("BUY"))


@pytest.mark.parametrize(
    ("bar", "price"),
    [
        ((9_900, 9_905, 9_881, 9_890), None),
        ((9_900, 9_905, 9_880, 9_890), 9_879),
        ((9_900, 9_905, 9_800, 9_890), 9_879),
        ((9_870, 9_890, 9_860, 9_890), 9_869),
    ],
)
def test_a_stop_pays_its_trigger_or_the_open_beyond_it(mirrored, bar, price):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, bar, FLAT)
    fills = m.fills(bars, opened(m), (2 * M, m.stop("SELL", 9_880)))
    exits = [] if price is None else [(3, "SELL", 2, price, "T")]
    assert fills == [(2, "BUY", 2, 9_901, "T"), *exits]


def test_the_stop_comes_before_the_target_in_one_bar(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_900, 9_960, 9_870, 9_950), FLAT, FLAT)
    fills = m.fills(
        bars,
        opened(m),
        (2 * M, m.limit("SELL", 9_940, reduce_only=True)),
        (2 * M, m.stop("SELL", 9_880)),
    )
    assert fills == [(2, "BUY", 2, 9_901, "T"), (3, "SELL", 2, 9_879, "T")]


def test_a_target_alone_fills_at_its_price(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_900, 9_960, 9_890, 9_950), FLAT)
    fills = m.fills(
        bars,
        opened(m),
        (2 * M, m.limit("SELL", 9_940, reduce_only=True)),
        (2 * M, m.stop("SELL", 9_880)),
    )
    assert fills == [(2, "BUY", 2, 9_901, "T"), (3, "SELL", 2, 9_940, "M")]


def answer(m, stop, target):
    """Protect an entry as soon as it fills."""

    def protect(strategy):
        m.stop("SELL", stop)(strategy)
        m.limit("SELL", target, reduce_only=True)(strategy)

    return protect


def test_a_stop_that_answers_a_fill_at_the_open_meets_the_rest_of_the_bar(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_900, 9_960, 9_870, 9_950), FLAT)
    fills = m.fills(bars, opened(m), protect=answer(m, 9_880, 9_940))
    assert fills == [(2, "BUY", 2, 9_901, "T"), (2, "SELL", 2, 9_879, "T")]


def test_a_stop_that_answers_a_resting_entry_meets_what_traded_beyond_it(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_900, 9_960, 9_870, 9_950), FLAT)
    fills = m.fills(bars, (1 * M, m.limit("BUY", 9_890)), protect=answer(m, 9_880, 9_940))
    assert fills == [(2, "BUY", 2, 9_890, "M"), (2, "SELL", 2, 9_879, "T")]


def test_a_target_that_answers_a_fill_meets_the_next_bar_only(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_900, 9_960, 9_895, 9_950), (9_945, 9_946, 9_930, 9_935), FLAT)
    fills = m.fills(bars, opened(m), protect=answer(m, 9_880, 9_940))
    # It rests since the fill, so a gap over it gives its own price, not the better open.
    assert fills == [(2, "BUY", 2, 9_901, "T"), (3, "SELL", 2, 9_940, "M")]


def test_of_two_stops_in_a_gap_both_pay_the_open(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_850, 9_855, 9_840, 9_850), FLAT)
    fills = m.fills(
        bars, opened(m), (2 * M, m.stop("SELL", 9_870, 1)), (2 * M, m.stop("SELL", 9_880, 1))
    )
    assert fills[1:] == [(3, "SELL", 1, 9_849, "T"), (3, "SELL", 1, 9_849, "T")]


def test_of_two_stops_in_a_bar_each_pays_its_own_trigger(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, (9_900, 9_905, 9_840, 9_850), FLAT)
    fills = m.fills(
        bars, opened(m), (2 * M, m.stop("SELL", 9_870, 1)), (2 * M, m.stop("SELL", 9_880, 1))
    )
    assert sorted(fill[3] for fill in fills[1:]) == [9_869, 9_879]


def test_a_stop_that_the_last_price_has_reached_is_refused(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, FLAT, FLAT)
    played = play(m.maker, bars, [opened(m), (2 * M, m.stop("SELL", 9_901))], fills=m.config)
    assert "OrderRejected" in played.kinds


def test_a_coarser_bar_beside_those_that_fill_fills_nothing(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, FLAT, FLAT)
    (coarse,) = m.bars((9_900, 9_990, 9_810, 9_900))
    coarse = type(coarse)(
        coarse.bar_type.from_str(str(coarse.bar_type).replace("1-MINUTE", "2-MINUTE")),
        coarse.open,
        coarse.high,
        coarse.low,
        coarse.close,
        coarse.volume,
        bars[1].ts_event,
        bars[1].ts_init,
    )
    fills = m.fills([bars[0], bars[1], coarse, bars[2]], (1 * M, m.limit("BUY", 9_850)))
    assert fills == []


def test_what_a_coarser_bar_decides_is_not_filled_by_a_bar_that_ends_with_it(mirrored):
    m = Market(mirrored=mirrored)
    bars = m.bars(FLAT, (9_850, 9_905, 9_845, 9_900), (9_910, 9_920, 9_905, 9_915), FLAT)
    # As when the coarser one comes first of two bars of one time.
    engine, strategy = build(m.maker, [], fills=m.config)
    spec = str(bars[1].bar_type).replace("1-MINUTE", "2-MINUTE")
    prices = bars[1].open, bars[1].high, bars[1].low, bars[1].close
    ts = bars[1].ts_event
    coarse = Bar(BarType.from_str(spec), *prices, bars[1].volume, ts, ts)
    strategy.msgbus.subscribe(f"data.bars.{spec}", lambda _: m.market("BUY")(strategy))
    engine.add_data([coarse])
    engine.add_data(bars)
    run(engine)
    fills = Played(engine, strategy, m.maker).fills
    assert [(ms / M, m.price(int(price))) for ms, _, _, price, _ in fills] == [(3, 9_911)]
