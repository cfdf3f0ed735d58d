"""Sizes in whole numbers are those of decimals and of fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.common.costs import PARTS
from strategies.common.lot_budget import LotBudget
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.sizing import size_position


def decimals(most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(1).scaleb(-places), Decimal(most), places=places)


TICKS = st.integers(1, 10_000_000)
LIMITS = st.none() | st.integers(0, 5_000)
# Bybit's perpetuals, a crude contract, an odd lot.
UNITS = st.sampled_from(
    [
        (Decimal("0.1"), Decimal("0.001")),
        (Decimal(10), Decimal(1)),
        (Decimal("0.0001"), Decimal(100)),
        (Decimal("0.25"), Decimal("0.7")),
    ]
)


@given(
    margin=decimals("1e9", 8) | decimals("1", 28),
    risk=decimals("1", 6),
    leverage=decimals("200", 2),
    units=UNITS,
    entry=TICKS,
    stop=TICKS,
    min_lots=st.integers(1, 100),
    max_lots=st.none() | st.integers(1, 100_000),
    margin_lots=LIMITS,
    costs=st.just(0) | st.integers(0, 10**9),
)
def test_lots_refusals_and_cuts_equal_those_of_exact_decimals_and_fractions(
    margin: Decimal,
    risk: Decimal,
    leverage: Decimal,
    units: tuple[Decimal, Decimal],
    entry: int,
    stop: int,
    min_lots: int,
    max_lots: int | None,
    margin_lots: int | None,
    costs: int,
) -> None:
    tick_money, lot = units
    expected = size_position(
        available_margin=margin,
        risk_pct=risk,
        entry=entry * tick_money,
        stop=stop * tick_money,
        max_leverage=leverage,
        lot_size=lot,
        min_lots=min_lots,
        max_lots=max_lots,
        margin_lots=margin_lots,
        costs=costs * tick_money / PARTS,
    )

    budget = LotBudget.of(
        margin=margin, risk_pct=risk, max_leverage=leverage, tick_money=tick_money, lot_size=lot
    )
    size = budget.size(
        entry=entry,
        stop=stop,
        min_lots=min_lots,
        max_lots=max_lots,
        margin_lots=margin_lots,
        costs=costs,
    )

    assert size == PositionSize(
        lots=expected.lots,
        reason=expected.reason,
        capped=expected.capped,
        raw_qty=expected.raw_qty,
        min_lots=expected.min_lots,
    )
    if entry != stop:
        loss = Fraction(tick_money) * (abs(entry - stop) + Fraction(costs, PARTS)) * Fraction(lot)
        by_risk = Fraction(margin) * Fraction(risk) // loss
        notional = Fraction(tick_money) * entry * Fraction(lot)
        by_leverage = Fraction(margin) * Fraction(leverage) // notional
        assert budget.by_risk // (PARTS * abs(entry - stop) + costs) == by_risk
        assert budget.by_leverage // entry == by_leverage


def test_a_stop_at_the_entry_has_no_size() -> None:
    budget = LotBudget(by_risk=10, by_leverage=10, risk_target=Decimal(1), tick_money=Decimal(1))

    assert budget.size(entry=5, stop=5).reason is SizeRefusal.ZERO_STOP


def test_the_share_to_risk_may_be_one_of_more_than_the_margin_that_is_left() -> None:
    terms = dict.fromkeys(("tick_money", "lot_size"), Decimal(1))
    terms |= {"margin": Decimal(50), "risk_pct": Decimal("0.1"), "max_leverage": Decimal(2)}
    of_margin = LotBudget.of(**terms)
    of_equity = LotBudget.of(**terms, capital=Decimal(200))
    assert (of_margin.risk_target, of_equity.risk_target) == (5, 20)
    assert of_margin.by_leverage == of_equity.by_leverage == 100


@pytest.mark.parametrize("name", ["margin", "risk_pct", "max_leverage", "tick_money", "lot_size"])
def test_a_budget_of_nothing_is_refused(name: str) -> None:
    terms = dict.fromkeys(
        ("margin", "risk_pct", "max_leverage", "tick_money", "lot_size"), Decimal(1)
    )

    with pytest.raises(ValueError, match=f"{name} was not positive, was 0"):
        LotBudget.of(**{**terms, name: Decimal(0)})


@pytest.mark.parametrize(
    ("entry", "min_lots", "costs"), [(0, 1, 0), (-5, 1, 0), (5, 0, 0), (5, 1, -1)]
)
def test_a_price_or_least_size_that_is_not_positive_is_refused(
    entry: int, min_lots: int, costs: int
) -> None:
    budget = LotBudget(by_risk=10, by_leverage=10, risk_target=Decimal(1), tick_money=Decimal(1))

    with pytest.raises(ValueError, match="was not positive"):
        budget.size(entry=entry, stop=9, min_lots=min_lots, costs=costs)


@pytest.mark.parametrize(
    ("by_leverage", "margin_lots", "min_lots", "lots", "reason", "capped"),
    [
        (500, None, 1, 4, None, False),
        (500, None, 4, 4, None, False),
        (500, None, 5, 0, SizeRefusal.BELOW_MIN, False),
        (400, None, 1, 4, None, False),
        (300, None, 1, 3, None, True),
        (300, None, 4, 0, SizeRefusal.BELOW_MIN, True),
        (500, 3, 1, 3, None, True),
        (500, 3, 4, 0, SizeRefusal.MARGIN, True),
        (500, 3, 5, 0, SizeRefusal.BELOW_MIN, True),
        (500, 4, 1, 4, None, False),
    ],
)
def test_a_size_says_whether_the_account_and_not_the_risk_decided_also_where_it_is_refused(
    by_leverage: int,
    margin_lots: int | None,
    min_lots: int,
    lots: int,
    reason: SizeRefusal | None,
    capped: bool,
) -> None:
    budget = LotBudget(
        by_risk=40 * PARTS, by_leverage=by_leverage, risk_target=Decimal(8), tick_money=Decimal(1)
    )

    size = budget.size(entry=100, stop=90, min_lots=min_lots, margin_lots=margin_lots)

    assert (size.lots, size.reason, size.capped) == (lots, reason, capped)
    assert size.raw_qty == Decimal("0.8")
