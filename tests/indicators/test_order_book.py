"""The book of orders against plain sums over all orders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from indicators.core.order_book import OrderBook


NO_PRICE = 2**63 - 1
LAST, SNAPSHOT = 128, 32

messages = st.lists(
    st.tuples(
        st.sampled_from("AAACMRTF"),
        st.sampled_from("BA"),
        st.integers(1, 8),
        st.integers(95, 105),
        st.integers(1, 5),
        st.sampled_from([0, LAST, LAST, SNAPSHOT, LAST | SNAPSHOT]),
    ),
    max_size=60,
)


def columns(rows):
    actions, sides, numbers, prices, sizes, flags = zip(*rows, strict=True) if rows else [()] * 6
    return (
        np.array([ord(letter) for letter in actions], np.uint8),
        np.array([ord(letter) for letter in sides], np.uint8),
        np.array(numbers, np.uint64),
        np.array(prices, np.int64),
        np.array(sizes, np.uint32),
        np.array(flags, np.uint8),
    )


def reference(rows):
    """Recompute the best prices from all orders after each event."""
    orders, found, last, unknown = {}, [], (NO_PRICE, NO_PRICE, 0, 0), 0
    for row, (action, side, number, price, size, flags) in enumerate(rows):
        unknown += action in "CM" and number not in orders
        if action == "R":
            orders.clear()
        elif action in "AM":
            orders[number] = [price, size, side]
        elif action == "C" and number in orders:
            orders[number][1] -= size
            if orders[number][1] <= 0:
                del orders[number]
        if not flags & LAST or flags & SNAPSHOT:
            continue
        bid = max((p for p, _, s in orders.values() if s == "B"), default=NO_PRICE)
        ask = min((p for p, _, s in orders.values() if s == "A"), default=NO_PRICE)
        at = [
            sum(size for p, size, s in orders.values() if (p, s) == best)
            for best in ((bid, "B"), (ask, "A"))
        ]
        if (bid, ask, *at) != last:
            last = (bid, ask, *at)
            found.append((row, *last))
    return found, unknown


@settings(max_examples=300, deadline=None)
@given(messages)
def test_best_prices_equal_sums_over_all_orders(rows):
    book = OrderBook()
    found = [column.tolist() for column in book.apply(*columns(rows))]
    expected, unknown = reference(rows)
    assert list(zip(*found, strict=True)) == expected
    assert book.unknown_orders == unknown


@settings(max_examples=100, deadline=None)
@given(messages, st.integers(0, 60))
def test_blocks_give_what_one_block_gives(rows, cut):
    whole, parts = OrderBook(), OrderBook()
    expected = [column.tolist() for column in whole.apply(*columns(rows))]
    cut = min(cut, len(rows))
    first = [column.tolist() for column in parts.apply(*columns(rows[:cut]))]
    second = [column.tolist() for column in parts.apply(*columns(rows[cut:]))]
    second[0] = [row + cut for row in second[0]]
    assert [a + b for a, b in zip(first, second, strict=True)] == expected


def test_columns_of_different_lengths_are_refused():
    longer = list(columns([("A", "B", 1, 100, 1, LAST)]))
    longer[3] = np.array([1, 2], np.int64)
    with pytest.raises(ValueError, match="columns of 1 and 2 rows"):
        OrderBook().apply(*longer)
