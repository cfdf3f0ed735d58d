"""The rules of the queue on random markets: none fills too much, and they keep their order."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from adapters.simulated.rules.resting import RestingLimit


LIMIT, QUANTITY = 100, 7
prices = st.integers(96, 104)
sizes = st.integers(0, 9)
events = st.lists(
    st.one_of(
        st.tuples(st.just("quote"), prices, sizes, st.integers(1, 3), sizes),
        st.tuples(st.just("print"), prices, st.integers(1, 9), st.booleans(), st.none()),
    ),
    max_size=30,
)


def played(rule, is_buy, own, own_size, market):
    """Return what a rule has filled after each event."""
    order = RestingLimit(is_buy=is_buy, price=LIMIT, rule=rule, quantity=QUANTITY)
    order.see_own_side(own, own_size)
    filled = []
    leaves = QUANTITY
    for kind, price, size, *rest in market:
        if kind == "quote":
            spread, opposite_size = rest
            order.see_own_side(price, size)
            opposite = price + spread if is_buy else price - spread
            new = order.fill_by_quote(leaves, opposite, opposite_size)
        else:
            new = order.fill_by_print(leaves, price, size, hits=rest[0])
        assert 0 <= new <= leaves
        leaves -= new
        filled.append(QUANTITY - leaves)
    return filled


@settings(deadline=None, max_examples=300)
@given(st.booleans(), prices, sizes, events)
def test_a_more_cautious_rule_never_fills_more_or_earlier(is_buy, own, own_size, market):
    touch, displayed, through = (
        played(rule, is_buy, own, own_size, market) for rule in ("touch", "displayed", "through")
    )
    assert all(a >= b >= c for a, b, c in zip(touch, displayed, through, strict=True))


@settings(deadline=None, max_examples=300)
@given(prices, sizes, events)
def test_buys_and_sales_are_mirror_images(own, own_size, market):
    mirrored = [(kind, 2 * LIMIT - price, *rest) for kind, price, *rest in market]
    for rule in ("touch", "displayed", "through"):
        bought = played(rule, True, own, own_size, market)
        assert played(rule, False, 2 * LIMIT - own, own_size, mirrored) == bought


@settings(deadline=None, max_examples=300)
@given(prices, sizes, st.lists(st.integers(1, 9), max_size=20))
def test_prints_at_the_price_fill_what_exceeds_the_queue_and_no_more(own, own_size, prints):
    market = [("print", LIMIT, size, True, None) for size in prints]
    filled = played("displayed", True, own, own_size, market)
    ahead = own_size if own == LIMIT else 0 if own < LIMIT else None
    for i, total in enumerate(filled):
        traded = sum(prints[: i + 1])
        expected = 0 if ahead is None else min(QUANTITY, max(traded - ahead, 0))
        assert total == expected
