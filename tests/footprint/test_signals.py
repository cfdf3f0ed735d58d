"""All patterns of a stream in order, with the recommended rules; the lives of their zones."""

from decimal import Decimal

import pytest

from actors.footprint.footprint import Footprint
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.footprint.patterns import PatternSignal
from actors.footprint.series import FootprintSeries
from actors.footprint.thresholds import DetectorParams
from actors.footprint.thresholds import thresholds_of
from actors.footprint.zones import ZoneLives
from indicators.core.footprint_bars import FootprintBars
from tests.checks import some
from tests.footprint.vectors import bar_of
from tests.footprint.vectors import plain_bar
from tests.footprint.vectors import stream
from tests.vectors import load


def closed(name):
    trades, length = stream(name)
    core = FootprintBars("time", length)
    core.update_many(*trades)
    thresholds = thresholds_of(f"{name.upper()}Z5", DetectorParams())
    series = FootprintSeries(thresholds, 78, 21, Decimal("0.25"), Decimal(1))
    return [series.on_bar(*bar, is_silent=False) for bar in core.take()]


@pytest.mark.parametrize("name", ["es", "cl"])
def test_a_stream_has_the_recommended_patterns_in_order(name):
    expected = load("002", f"04_signals_{name}.json.gz")["recommended"]
    found = [
        [number, p["pattern"], p["direction"], pytest.approx(p["strength"], abs=1e-9), p["price"]]
        for number, bar in enumerate(closed(name))
        for p in bar.patterns
    ]
    assert found == expected


def test_a_bar_carries_its_patterns():
    for bar in some(closed("es")):
        rows = zip(
            bar.row["patterns"],
            bar.row["pattern_directions"],
            bar.row["pattern_strengths"],
            bar.row["pattern_prices"],
            strict=True,
        )
        assert list(rows) == [
            (p["pattern"], p["direction"], p["strength"], p["price"]) for p in bar.patterns
        ]


def test_bars_are_warm_once_there_are_enough():
    bars = closed("es")
    assert [bar.row["warm"] for bar in bars] == [False] * 20 + [True] * 58
    assert [bar.row["bars"] for bar in bars] == list(range(1, 79))


def test_every_zone_has_one_begin_and_at_most_one_end():
    lives = {}
    for bar in some(closed("es")):
        for event in bar.zones:
            key = event["created_ts"], event["pattern"], event["price"]
            lives.setdefault(key, []).append(event["event"])
            assert event["ts_start"] == bar.bar.ts_start
    ends = {"BROKEN", "REVISITED", "EXPIRED"}
    assert len(lives) > 300
    for key, events in lives.items():
        assert events[0] == "CREATED", key
        assert events.count("CREATED") == 1
        assert events.count("TOUCHED") <= 1
        assert not ends & set(events[:-1]), key


def signal(pattern, low, high, direction, price=None):
    return PatternSignal(
        pattern=pattern,
        direction=direction,
        strength=0.5,
        price=low if price is None else price,
        low=low,
        high=high,
    )


def bar(number, low, high):
    return plain_bar(ts_start=number, low=low, high=high)


def brief(events):
    return [(event.value, zone.signal.low, zone.signal.high) for event, zone in events]


def test_a_long_zone_is_support_and_a_short_one_resistance():
    lives = ZoneLives(10, 50)
    support = signal(Pattern.BUYING_ABSORPTION, 100, 102, Direction.LONG)
    resistance = signal(Pattern.SELLING_ABSORPTION, 110, 112, Direction.SHORT)
    created = [("CREATED", 100, 102), ("CREATED", 110, 112)]
    # The bar that makes a zone does not touch it.
    assert brief(lives.on_bar(bar(0, 100, 112), [support, resistance])) == created
    assert brief(lives.on_bar(bar(1, 103, 109), [])) == []
    assert brief(lives.on_bar(bar(2, 102, 109), [])) == [("TOUCHED", 100, 102)]
    assert brief(lives.on_bar(bar(3, 100, 110), [])) == [("TOUCHED", 110, 112)]
    assert brief(lives.on_bar(bar(4, 101, 112), [])) == []
    assert brief(lives.on_bar(bar(5, 99, 113), [])) == [
        ("BROKEN", 100, 102),
        ("BROKEN", 110, 112),
    ]
    assert brief(lives.on_bar(bar(6, 90, 120), [])) == []


def test_a_bar_that_breaks_a_zone_at_once_has_touched_it_as_well():
    lives = ZoneLives(10, 50)
    lives.on_bar(bar(0, 100, 102), [signal(Pattern.BUY_IMBALANCE, 100, 100, Direction.LONG)])
    assert brief(lives.on_bar(bar(1, 90, 95), [])) == [("TOUCHED", 100, 100), ("BROKEN", 100, 100)]


def test_a_zone_that_is_not_broken_expires_and_is_touched_no_more():
    lives = ZoneLives(2, 50)
    lives.on_bar(bar(0, 100, 102), [signal(Pattern.BUY_IMBALANCE, 100, 100, Direction.LONG)])
    assert brief(lives.on_bar(bar(1, 105, 106), [])) == []
    ((event, zone),) = lives.on_bar(bar(2, 105, 106), [])
    assert (event, lives.age_of(zone)) == ("EXPIRED", 2)
    assert brief(lives.on_bar(bar(3, 90, 95), [])) == []


def unfinished(price):
    return signal(Pattern.UNFINISHED_HIGH, price, price, Direction.LONG)


def revisit(price, since):
    return PatternSignal(
        pattern=Pattern.UNFINISHED_REVISITED,
        direction=Direction.LONG,
        strength=0.5,
        price=price,
        low=price,
        high=price,
        since=since,
    )


def test_an_unfinished_extreme_ends_when_it_is_revisited_or_forgotten():
    lives = ZoneLives(1, 2)
    lives.on_bar(bar(0, 100, 110), [unfinished(110)])
    # It is no support: trading below it ends nothing, and neither does its age.
    assert brief(lives.on_bar(bar(1, 90, 95), [unfinished(95)])) == [("CREATED", 95, 95)]
    assert brief(lives.on_bar(bar(2, 80, 85), [unfinished(85)])) == [
        ("CREATED", 85, 85),
        ("EXPIRED", 110, 110),
    ]
    assert brief(lives.on_bar(bar(3, 90, 96), [revisit(95, 1)])) == [("REVISITED", 95, 95)]
    assert brief(lives.drop()) == [("EXPIRED", 85, 85)]
    assert brief(lives.drop()) == []


def test_a_gap_ends_all_zones_and_the_count_of_bars():
    thresholds = thresholds_of("MESZ5", DetectorParams())
    series = FootprintSeries(thresholds, 78, 1, Decimal("0.25"), Decimal(1))
    values = bar_of([[100, 10, 40], [101, 20, 40], [102, 30, 2]], close=101, ts_start=7)
    fields = [getattr(values, name) for name in Footprint.__dataclass_fields__]
    first = series.on_bar(tuple(fields[:-4]), tuple(fields[-4:]), is_silent=False)
    assert [each["event"] for each in first.zones] == ["CREATED"] * len(first.patterns)
    assert len(first.patterns) > 1
    ended = series.start_again()
    assert [(each["event"], each["ts_start"], each["bars"]) for each in ended] == [
        ("EXPIRED", 7, 0)
    ] * len(first.zones)
    again = series.on_bar(tuple(fields[:-4]), tuple(fields[-4:]), is_silent=True)
    assert (again.row["bars"], again.row["warm"], series.gaps, series.warm) == (1, False, 1, 1)
