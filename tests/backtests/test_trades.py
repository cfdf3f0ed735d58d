"""Positions from fills: results, costs, and what belongs to which position."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from nautilus_trader.model.identifiers import InstrumentId

from actors.messages import FundingPayment
from backtests.collector import Mark
from backtests.results.books import check_books
from backtests.results.equity import equity_curve
from backtests.results.payments import book_payments
from backtests.results.tags import Plan
from backtests.results.tags import plan_of
from backtests.results.tags import reason_of
from backtests.results.tags import role_of
from backtests.results.tags import setup_of
from tests.backtests.made_trades import fill
from tests.backtests.made_trades import position
from tests.markets import BTC


quick = settings(max_examples=60, deadline=None)


def order(*tags):
    return SimpleNamespace(tags=list(tags) or None)


def test_the_tags_of_an_entry_tell_role_setup_reason_and_plan():
    entry = order("ENTRY", "breakin_long", "TIMEOUT", "plan=100/95/107.5/")
    assert (role_of(entry), setup_of(entry), reason_of(entry)) == (
        "ENTRY",
        "breakin_long",
        "TIMEOUT",
    )
    assert plan_of(entry) == Plan(Decimal(100), Decimal(95), Decimal("107.5"), None)
    assert plan_of(entry).risk == 5
    bracket = plan_of(order("ENTRY", "x", "plan=100/96//106/6/0.5/4"))
    assert (bracket.target_distance, bracket.costs, bracket.stop_distance) == (
        6,
        Decimal("0.5"),
        4,
    )


def test_missing_tags_are_nothing_and_a_reason_falls_back_to_the_role():
    assert (role_of(order()), setup_of(order()), reason_of(order())) == (None, None, None)
    assert (role_of(order("TARGET")), reason_of(order("STOP", "x"))) == (None, "STOP")
    assert reason_of(order("ENTRY", "x", "plan=1/2/3/4")) == "ENTRY"
    assert plan_of(order("STOP", "x", "STOP")) is None
    with pytest.raises(TypeError):
        plan_of(order("ENTRY", "x", "plan=1/2/3/4/5/6/7/8"))


def test_a_plan_knows_what_its_stop_was_to_lose_with_costs():
    plan = plan_of(order("ENTRY", "x", "plan=100/95/107.5///0.75"))
    assert (plan.risk, plan.costs, plan.loss) == (5, Decimal("0.75"), Decimal("5.75"))
    assert plan_of(order("ENTRY", "x", "plan=100/95///")).loss is None


def test_a_position_counts_parts_funding_and_the_kind_of_its_entry():
    trade = position(
        fill("BUY", "1.000", "100.0", 1, "0.01", "E", "MAKER"),
        fill("BUY", "1.000", "102.0", 2, "0.10", "E", "TAKER"),
        fill("SELL", "0.500", "110.0", 3, "0.05", "X1"),
        fill("SELL", "1.000", "96.0", 4, "0.05", "X2"),
        fill("SELL", "0.500", "96.0", 5, "0.05", "X2"),
        plan=Plan(Decimal(101), Decimal(96), costs=Decimal("0.19")),
        payments=[(3, Decimal("0.25")), (4, Decimal("-0.05"))],
    )
    assert (trade.entry_kind, trade.exits) == ("MIXED", 2)
    assert trade.gross == Decimal("-3")
    assert (trade.fees, trade.funding, trade.net) == (
        Decimal("0.26"),
        Decimal("0.20"),
        Decimal("-3.46"),
    )
    assert (trade.r_price, trade.r_costs) == (Decimal("-0.3"), Decimal("0.046"))
    assert trade.r_net == Decimal("-3.46") / (Decimal("5.19") * 2)


def test_excursions_are_measured_from_the_entry_and_never_negative():
    trade = position(fill("SELL", "1.000", "100.0", 1), fill("BUY", "1.000", "90.0", 2))
    assert (trade.adverse, trade.favourable) == (None, None)
    trade.lowest, trade.highest = Decimal(88), Decimal(103)
    assert (trade.adverse, trade.favourable) == (3, 12)
    trade.lowest, trade.highest = Decimal(98), Decimal(99)
    assert (trade.adverse, trade.favourable) == (0, 2)


def test_an_exit_between_entries_is_counted_against_the_lots_held():
    trade = position(
        fill("BUY", "1.000", "100.0", 1),
        fill("SELL", "0.500", "110.0", 2),
        fill("BUY", "0.500", "120.0", 3),
    )
    assert trade.gross == 5
    closed = position(
        *trade.fills,
        fill("SELL", "1.000", "120.0", 4),
    )
    assert closed.gross == 15


def test_more_than_is_open_cannot_be_closed():
    with pytest.raises(RuntimeError, match="closes more than the open"):
        position(fill("BUY", "1.000", "100.0", 1), fill("SELL", "1.001", "100.0", 2))


def payment(quantity, paid, ts, ts_init=None, strategy="S-000"):
    values = {"rate": 0.0001, "price": 100.0, "quantity": quantity, "paid": paid}
    instrument_id = InstrumentId.from_str(BTC)
    return FundingPayment(instrument_id, ts, ts_init or ts, strategy_id=strategy, **values)


def paid(*trades):
    return [trade.funding for trade in trades]


def test_funding_goes_to_the_side_that_was_open_then():
    first = position(fill("BUY", "1.000", "100.0", 10), fill("SELL", "1.000", "100.0", 20))
    second = position(fill("SELL", "1.000", "100.0", 20), number=2)
    book_payments([first, second], [payment(1.0, 0.5, 20), payment(-1.0, -0.25, 30)])
    assert paid(first, second) == [Decimal("0.5"), Decimal("-0.25")]


def test_trades_that_are_open_at_once_share_funding_by_what_each_had_open():
    first = position(fill("BUY", "1.000", "100.0", 10))
    second = position(fill("BUY", "3.000", "100.0", 12), fill("BUY", "1.000", "100.0", 20))
    third = position(fill("BUY", "1.000", "100.0", 20))
    book_payments([first, second, third], [payment(4.0, 0.5, 20)])
    assert paid(first, second, third) == [Decimal("0.125"), Decimal("0.375"), 0]


def test_funding_at_the_time_of_a_new_position_was_paid_by_the_old_one():
    first = position(fill("BUY", "1.000", "100.0", 10), fill("SELL", "1.000", "100.0", 20))
    second = position(fill("BUY", "1.000", "100.0", 20), number=2)
    book_payments([first, second], [payment(1.0, 0.5, 20), payment(1.0, 0.75, 21)])
    assert paid(first, second) == [Decimal("0.5"), Decimal("0.75")]


def test_each_strategy_pays_for_its_own_position():
    trades = [
        position(fill("BUY", "1.000", "100.0", 10), number=i, strategy=name)
        for i, name in enumerate(("A-000", "B-001"))
    ]
    book_payments(trades, [payment(1.0, 0.5, 20, strategy=name) for name in ("B-001", "B-001")])
    assert paid(*trades) == [0, Decimal(1)]


def test_funding_stamped_before_the_position_is_booked_by_the_time_it_was_charged():
    trade = position(fill("BUY", "1.000", "100.0", 10))
    book_payments([trade], [payment(1.0, 0.5, 5, 12)])
    assert trade.payments == [(5, Decimal("0.5"))]


def test_funding_without_a_position_is_an_error():
    trade = position(fill("BUY", "1.000", "100.0", 10), fill("SELL", "1.000", "100.0", 20))
    other = payment(1.0, 0.5, 15, strategy="S-001")
    for wrong in (payment(-1.0, 0.5, 15), payment(1.0, 0.5, 21), other):
        with pytest.raises(RuntimeError, match="no such position was open"):
            book_payments([trade], [wrong])


FILLS = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(1, 3000),
        st.integers(1, 2_000_000),
        st.integers(-500, 5000),
        st.integers(-3000, 3000),
    ),
    min_size=1,
    max_size=25,
)


def books(rows):
    """Return positions made of random fills, and the cash that the same fills move."""
    trades, cash, held = [], Decimal(0), 0
    fills: list = []
    payments: list = []
    for ts, (buys, lots, ticks, fee, funding) in enumerate(rows, 1):
        # No fill turns a position: it closes what is open at most.
        size = min(lots, abs(held)) if held and buys != (held > 0) else lots
        quantity, price = Decimal(size) / 1000, Decimal(ticks) / 10
        fills.append(
            fill("BUY" if buys else "SELL", f"{quantity:.3f}", f"{price:.1f}", ts, str(fee / 100))
        )
        cash -= Decimal(str(fee / 100)) + (1 if buys else -1) * quantity * price
        held += size if buys else -size
        if held:
            payments.append((ts, Decimal(funding) / 1000))
            cash -= Decimal(funding) / 1000
        else:
            trades.append(position(*fills, number=len(trades), payments=payments))
            fills, payments = [], []
    if fills:
        trades.append(position(*fills, number=len(trades), payments=payments))
    return trades, cash, held


@quick
@given(FILLS)
def test_what_the_account_gains_is_gross_less_fees_less_funding(rows):
    trades, cash, held = books(rows)
    # What is still held has cost cash that is no result yet.
    cost = sum((t.sign * t.open_cost for t in trades), Decimal(0))
    gained = cash + cost
    gross = sum((trade.gross for trade in trades), Decimal(0))
    costs = sum((trade.fees + trade.funding for trade in trades), Decimal(0))
    assert abs(gained - (gross - costs)) < Decimal("1e-15")
    start = Decimal(10_000)
    check_books(trades, start, start + gained)
    if not held:
        assert gained == gross - costs
    rounding = Decimal("0.005") * sum(2 * len(t.fills) + len(t.payments) for t in trades)
    with pytest.raises(RuntimeError, match="the account says"):
        check_books(trades, start, start + gained + rounding + Decimal("0.0101"))


@quick
@given(FILLS)
def test_the_balance_at_the_end_of_the_equity_is_that_of_the_books(rows):
    trades, _, _ = books(rows)
    minute = Mark(BTC, 60_000_000_000, 100.0)
    curve = equity_curve(1_000.0, trades, [minute], 10**12, {BTC: 100.0})
    expected = 1_000.0 + float(sum(trade.net for trade in trades))
    assert curve["balance"][-1].as_py() == pytest.approx(expected, abs=1e-4)


def test_funding_after_the_last_minute_is_in_the_equity_at_the_end():
    trade = position(fill("BUY", "1.000", "100.0", 1), payments=[(90_000_000_000, Decimal(3))])
    minute = Mark(BTC, 60_000_000_000, 100.0)
    curve = equity_curve(1_000.0, [trade], [minute], 100_000_000_000, {BTC: 105.0})
    assert curve["balance"].to_pylist() == [1_000.0, 997.0]
    assert curve["equity"].to_pylist() == [1_000.0, 1_002.0]


def test_books_in_a_fine_currency_must_agree_to_the_cent():
    trade = position(fill("BUY", "1.000", "100.0", 1), fill("SELL", "1.000", "110.0", 2))
    check_books([trade], Decimal(100), Decimal("110.01"), 8)
    with pytest.raises(RuntimeError, match="the fills make a balance of 110"):
        check_books([trade], Decimal(100), Decimal("110.011"), 8)
