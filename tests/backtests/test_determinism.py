"""Whole runs: the same on every Python, no look at the future, and symmetries of the market."""

import hashlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.instruments import CryptoPerpetual

from actors.messages import Alert
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from actors.nautilus_records import order_record
from actors.value_area.messages import ValueAreaMinute
from backtests.results.trades import fills_in_order
from catalog.instruments import resolve_instrument
from configs.loader import load_backtest
from tests.engines import collecting
from tests.engines import run_node
from tests.markets import BTC
from tests.markets import MINUTE
from tests.markets import NO_GAP
from tests.markets import iso
from tests.markets import vector_rows
from tests.markets import vector_stream
from tests.markets import write_catalog
from tests.markets import write_vector_catalog
from tests.seed_rules import SEED_RULES


DIGEST = "61e7b3255986fe57eee0d324f1a301224b95d3115f633edd1cc882bbd3265324"
BALANCE = "venues.BYBIT.starting_balances=[{} USDT]"


def outcome(catalog, *overrides):
    """Return all that a run published and filled, in order, each with its time."""
    seen = []

    def listen(engine):
        seen.append(collecting(engine, ValueAreaMinute))
        for cls in (TradeEvent, Alert, TradingStatus):
            engine.kernel.msgbus.subscribe(topic=cls.topic(), handler=messages.append)

    messages = []
    end = f"end='{iso(vector_stream()[1])}'"
    engine = run_node(
        load_backtest(
            "btc_value_area",
            overrides=[f"catalog={catalog}", end, NO_GAP, *SEED_RULES, *overrides],
        ),
        listen,
    )
    fills = [
        (
            fill.ts_event,
            fill.client_order_id,
            *order.tags,
            f"{fill.quantity:f}",
            f"{fill.price:f}",
            f"{fill.fee:f} {fill.currency}",
        )
        for order, fill in fills_in_order(map(order_record, engine.kernel.cache.orders()))
    ]
    engine.dispose()
    published = [
        (message.ts_event, type(message).__name__, *message.columns().values())
        for message in (*seen[0].of(ValueAreaMinute), *seen[0].decisions, *messages)
    ]
    return published, fills


def digest(result):
    """Return the digest of all values; floats have nine digits, processors differ beyond."""

    def text(value):
        return format(value, ".9g") if isinstance(value, float) else str(value)

    lines = ["|".join(map(text, row)) for part in result for row in part]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return outcome(write_vector_catalog(tmp_path_factory.mktemp("ticks")))


def test_the_run_is_the_same_on_every_python(whole):
    """
    Holds the digest of everything decided and filled, whichever Python runs the test.

    A change of behaviour changes it: replace it then, and say why.
    """
    assert digest(whole) == DIGEST
    assert len(whole[1]) > 50


def changed(rows, kind, index, shift) -> Iterator[tuple[int, ...]]:
    for i, row in enumerate(rows):
        if i < index:
            yield row
        elif kind == "drop":
            if i % 3 == 0:
                yield row
        elif kind == "insert":
            yield row
            if row[0] == 1 and i % 2:
                yield (1, row[1], row[2] + shift, 7)
        else:
            ts, (first, *rest) = row[1], row[2:]
            if row[0] == 1:
                yield (1, ts, first + shift, *rest)
            else:
                bid_size, ask, ask_size = rest
                yield (0, ts, first + shift, bid_size, ask + shift, ask_size)


@pytest.mark.parametrize(
    ("kind", "share", "shift"), [("drop", 0.5, 0), ("insert", 0.62, -310), ("alter", 0.74, 57)]
)
def test_what_comes_later_changes_nothing_decided_or_filled_before(
    tmp_path, whole, kind, share, shift
):
    rows = vector_rows()
    index = int(len(rows) * share)
    until = rows[index][1]
    last = until + 60 * MINUTE
    catalog = write_catalog(tmp_path, list(changed(rows, kind, index, shift)))
    other = outcome(catalog, f"end='{iso(last)}'")

    def between(result, since, end):
        return [[row for row in part if since <= row[0] < end] for part in result]

    assert between(other, 0, until) == between(whole, 0, until)
    assert all(between(other, 0, until))
    assert between(other, until, last) != between(whole, until, last)


def scaled_perpetual(factor):
    """Return the perpetual with prices and tick multiplied."""
    fields = CryptoPerpetual.to_dict(resolve_instrument(BTC))
    tick = Decimal(fields["price_increment"]) * factor
    fields |= {"price_increment": str(tick), "price_precision": -tick.as_tuple().exponent}
    return CryptoPerpetual.from_dict(fields)


@pytest.mark.parametrize("factor", [2, 8])
def test_prices_tick_and_money_times_a_power_of_two_give_the_same_trades(tmp_path, whole, factor):
    """Sigma sees only ratios, bins only ticks; money doubles with the prices, so sizes stay."""
    instrument = scaled_perpetual(factor)
    catalog = write_catalog(tmp_path, vector_rows(), instrument=instrument)
    last = vector_stream()[0] + 8 * 60 * MINUTE
    balance = BALANCE.format(10_000 * factor)
    _, fills = outcome(catalog, balance, f"end='{iso(last)}'")
    expected = [fill for fill in whole[1] if fill[0] < last]
    assert len(expected) > 20

    def plain(fill, by):
        ts, order, purpose, setup, reason, *_, quantity, price, _ = fill
        return ts, order, purpose, setup, reason, quantity, Decimal(price) / by

    assert [plain(f, factor) for f in fills] == [plain(f, 1) for f in expected]
    paid = sum(Decimal(f[-1].split()[0]) for f in fills)
    assert paid == pytest.approx(factor * sum(Decimal(f[-1].split()[0]) for f in expected))
    assert all(f[-1].endswith(USDT.code) for f in fills)
