"""Position sizing against the reference cases, and its rules."""

from decimal import Context
from decimal import Decimal
from decimal import localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal
from strategies.common.sizing import available_margin
from strategies.common.sizing import fixed_size
from strategies.common.sizing import size_position
from tests.vectors import load


CASES = load("004", "sizing_cases.json")


def sized(
    margin: str = "10000",
    entry: str = "50000",
    stop: str = "49500",
    leverage: str = "10",
    min_lots: int = 1,
) -> PositionSize:
    return size_position(
        available_margin=Decimal(margin),
        risk_pct=Decimal("0.02"),
        entry=Decimal(entry),
        stop=Decimal(stop),
        max_leverage=Decimal(leverage),
        lot_size=Decimal("0.001"),
        min_lots=min_lots,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sizing_case(case: dict[str, Any]) -> None:
    size = size_position(
        available_margin=Decimal(case["available_margin"]),
        risk_pct=Decimal(case["risk_pct"]),
        entry=Decimal(case["entry"]),
        stop=Decimal(case["stop"]),
        max_leverage=Decimal(case["max_leverage"]),
        lot_size=Decimal(case["lot"]),
    )

    expected = case["expected"]
    assert (size.lots, size.reason, size.capped) == tuple(
        expected[name] for name in ("lots", "reason", "capped")
    )
    for name in size.__struct_fields__[3:-1]:
        figure = getattr(size, name)
        if name not in expected:
            assert figure is None
        elif name in {"qty", "notional", "risk", "risk_target"}:
            assert figure == Decimal(expected[name])
        else:
            assert figure == pytest.approx(Decimal(expected[name]), rel=Decimal("1e-12"))


@given(
    st.integers(1, 10**9),
    st.integers(100, 10**6),
    st.integers(1, 10**5),
    st.integers(1, 50),
    st.booleans(),
)
def test_size_keeps_risk_and_leverage_within_their_limits(
    margin: int, entry: int, distance: int, leverage: int, long: bool
) -> None:
    stop = entry - distance if long else entry + distance

    size = sized(str(margin), str(entry), str(stop), str(leverage))

    def risked(lots: int) -> bool:
        return lots * distance <= margin * 20

    def covered(lots: int) -> bool:
        return lots * entry <= margin * leverage * 1000

    if size.reason is None:
        assert risked(size.lots)
        assert covered(size.lots)
    assert not (risked(size.lots + 1) and covered(size.lots + 1))
    assert not size.capped or not covered(size.lots + 1)


def in_fractions(
    margin: Decimal, risk: Decimal, entry: Decimal, stop: Decimal, leverage: Decimal, lot: Decimal
) -> dict[str, Any]:
    """Return the figures of a size, each computed exactly and rounded once."""
    m, price, step = Fraction(margin), Fraction(entry), Fraction(lot)
    distance = abs(price - Fraction(stop))
    by_risk = m * Fraction(risk) / distance // step
    by_leverage = m * Fraction(leverage) / price // step
    lots = min(by_risk, by_leverage)
    notional = lots * step * price
    figures = {
        "raw_qty": m * Fraction(risk) / distance,
        "qty": lots * step,
        "notional": notional,
        "leverage": notional / m,
        "risk": lots * step * distance,
        "risk_target": m * Fraction(risk),
        "margin_at_max_leverage": notional / Fraction(leverage),
    }
    context = Context(prec=28)
    rounded = {
        name: context.divide(Decimal(value.numerator), Decimal(value.denominator))
        for name, value in figures.items()
    }
    return {"lots": lots, "capped": by_leverage < by_risk, **rounded}


def decimals(most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(1).scaleb(-places), Decimal(most), places=places)


@given(
    decimals("1e9", 8),
    decimals("1", 6),
    decimals("1e6", 3),
    decimals("1e6", 3),
    decimals("200", 2),
    st.sampled_from([Decimal(1), Decimal("0.001"), Decimal("0.25")]),
)
def test_sizes_equal_those_computed_in_fractions(
    margin: Decimal, risk: Decimal, entry: Decimal, stop: Decimal, leverage: Decimal, lot: Decimal
) -> None:
    assume(entry != stop)
    expected = in_fractions(margin, risk, entry, stop, leverage, lot)

    size = size_position(
        available_margin=margin,
        risk_pct=risk,
        entry=entry,
        stop=stop,
        max_leverage=leverage,
        lot_size=lot,
    )

    if expected["lots"] < 1:
        assert (size.lots, size.reason) == (0, SizeRefusal.BELOW_MIN)
        assert size.raw_qty == expected["raw_qty"]
    else:
        assert {name: getattr(size, name) for name in expected} == expected


@given(decimals("1e9", 8), st.lists(decimals("1e9", 8), max_size=4), decimals("200", 2))
def test_the_available_margin_equals_that_computed_in_fractions(
    equity: Decimal, notionals: list[Decimal], leverage: Decimal
) -> None:
    bound = sum((Fraction(value) for value in notionals), Fraction(0))
    exact = Fraction(equity) - bound / Fraction(leverage)
    expected = Context(prec=28).divide(Decimal(exact.numerator), Decimal(exact.denominator))

    assert available_margin(equity, notionals, leverage) == expected


def test_size_is_cut_to_what_the_account_and_the_venue_take() -> None:
    def cut(**limits: int) -> PositionSize:
        return size_position(
            available_margin=Decimal(10_000),
            risk_pct=Decimal("0.02"),
            entry=Decimal(50_000),
            stop=Decimal(49_500),
            max_leverage=Decimal(10),
            lot_size=Decimal("0.001"),
            min_lots=10,
            **limits,
        )

    assert (cut().lots, cut().capped) == (400, False)
    assert (cut(max_lots=300).lots, cut(max_lots=300).capped) == (300, False)
    assert (cut(margin_lots=300).lots, cut(margin_lots=300).capped) == (300, True)
    assert cut(margin_lots=300).notional == 15_000
    assert (cut(margin_lots=400).lots, cut(margin_lots=400).capped) == (400, False)
    assert (cut(margin_lots=9).lots, cut(margin_lots=9).reason) == (0, SizeRefusal.MARGIN)
    assert cut(max_lots=9).reason is SizeRefusal.BELOW_MIN


def test_size_below_the_minimum_of_the_venue_is_refused() -> None:
    assert sized(min_lots=400).lots == 400
    assert sized(min_lots=401).reason is SizeRefusal.BELOW_MIN


def test_negative_margin_is_refused() -> None:
    assert sized(margin="-1").reason is SizeRefusal.NO_MARGIN


def test_result_does_not_depend_on_the_decimal_context_of_the_caller() -> None:
    expected = sized(entry="50000.3", stop="49321.7")

    with localcontext(Context(prec=3)):
        assert sized(entry="50000.3", stop="49321.7") == expected


def test_negative_costs_are_refused() -> None:
    with pytest.raises(ValueError, match="costs were negative"):
        size_position(
            available_margin=Decimal(1),
            risk_pct=Decimal(1),
            entry=Decimal(2),
            stop=Decimal(1),
            max_leverage=Decimal(1),
            lot_size=Decimal(1),
            costs=Decimal(-1),
        )


@pytest.mark.parametrize("name", ["entry", "leverage", "min_lots"])
def test_arguments_must_be_positive(name: str) -> None:
    value: Any = 0 if name == "min_lots" else "0"

    with pytest.raises(ValueError, match="was not positive"):
        sized(**{name: value})


def test_available_margin_leaves_out_what_open_positions_bind() -> None:
    notionals = [Decimal(20_000), Decimal(5_000)]

    assert available_margin(Decimal(10_000), notionals, Decimal(10)) == Decimal(7_500)
    assert available_margin(Decimal(10_000), [], Decimal(10)) == Decimal(10_000)


def fixed(quantity: str, lot: str = "1", least: int = 1, most: int | None = None) -> PositionSize:
    return fixed_size(
        quantity=Decimal(quantity),
        entry=Decimal(20 * 25_000),
        stop=Decimal(20 * 24_990),
        lot_size=Decimal(lot),
        min_lots=least,
        max_lots=most,
    )


def test_a_fixed_size_is_taken_as_it_is() -> None:
    size = fixed("3")
    assert (size.lots, size.qty, size.reason) == (3, Decimal(3), None)
    assert (size.notional, size.risk) == (Decimal(1_500_000), Decimal(600))
    assert fixed("2", lot="0.5").lots == 4


@pytest.mark.parametrize(
    ("quantity", "lot", "least", "most", "reason"),
    [
        ("3", "2", 1, None, SizeRefusal.BELOW_MIN),
        ("3", "1", 4, None, SizeRefusal.BELOW_MIN),
        ("3", "1", 1, 2, SizeRefusal.ABOVE_MAX),
    ],
)
def test_a_fixed_size_that_the_venue_does_not_take_is_refused(
    quantity: str, lot: str, least: int, most: int | None, reason: SizeRefusal
) -> None:
    size = fixed(quantity, lot, least, most)
    assert (size.lots, size.reason) == (0, reason)


def test_a_fixed_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="quantity was not positive, was 0"):
        fixed("0")


def test_a_single_lot_is_enough_where_the_venue_asks_for_no_more() -> None:
    least = {"entry": Decimal(50_000), "stop": Decimal(49_500), "lot_size": Decimal("0.001")}
    fixed = fixed_size(quantity=Decimal("0.001"), **least)
    assert (fixed.lots, fixed.min_lots, fixed.reason) == (1, 1, None)
    # Two hundred of margin and the risk of a four-hundredth: half a dollar of the 500 to the stop.
    by_risk = size_position(
        available_margin=Decimal(200),
        risk_pct=Decimal("0.0025"),
        max_leverage=Decimal(10),
        **least,
    )
    assert (by_risk.lots, by_risk.min_lots, by_risk.reason) == (1, 1, None)
