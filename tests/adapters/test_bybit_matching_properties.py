"""What must hold at the loopback venue whatever the market and the client do."""

from contextlib import suppress
from decimal import Decimal

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from adapters.bybit.loopback.matching import MatchingEngine
from adapters.bybit.loopback.orders import NewOrder
from adapters.bybit.loopback.orders import OrderType
from adapters.bybit.loopback.orders import Side
from adapters.bybit.loopback.orders import TimeInForce
from adapters.bybit.loopback.orders import VenueError
from tests.adapters.bybit_orders import D
from tests.adapters.bybit_orders import engine
from tests.adapters.bybit_orders import executed


TICK, LOT = D("0.1"), D("0.001")
START = D(1_000_000)

ticks = st.integers(-5, 5)
lots = st.integers(1, 40)
sides = st.sampled_from(Side)
quotes = st.tuples(st.just("quote"), ticks, st.integers(1, 3), lots, lots)
trades = st.tuples(st.just("trade"), ticks, lots, st.sampled_from([*Side, None]))
tifs = st.sampled_from(TimeInForce)
plain, never, always = st.just(TimeInForce.GTC), st.just(False), st.just(True)
none = st.none()
markets = st.tuples(st.just("order"), sides, lots, none, plain, never, none)
limits = st.tuples(st.just("order"), sides, lots, ticks, tifs, never, none)
exits = st.tuples(st.just("order"), sides, lots, ticks, plain, always, none)
stops = st.tuples(st.just("order"), sides, lots, none | ticks, plain, st.booleans(), ticks)
changes = st.tuples(st.just("amend"), st.integers(0, 5), st.none() | lots, st.none() | ticks)
cancels = st.tuples(st.just("cancel"), st.integers(0, 5))
fundings = st.tuples(st.just("funding"), st.integers(-50, 50))
steps = st.lists(
    st.one_of(quotes, trades, markets, limits, exits, stops, changes, cancels, fundings),
    min_size=15,
    max_size=60,
)


def price(tick: int) -> Decimal:
    return D(60_000) + tick * TICK


def opened() -> MatchingEngine:
    venue = engine(balance=str(START))
    take(venue, ("quote", 0, 1, 10, 10))
    take(venue, ("trade", 0, 1, Side.SELL))
    return venue


def take(venue: MatchingEngine, step: tuple) -> None:
    match step:
        case ("quote", bid, spread, bid_size, ask_size):
            venue.on_quote(
                venue.now_ns + 1,
                price(bid),
                bid_size * LOT,
                price(bid + spread),
                ask_size * LOT,
            )
        case ("trade", at, size, side):
            venue.on_trade(venue.now_ns + 1, price(at), size * LOT, side)
        case ("order", side, size, at, tif, reduce_only, trigger):
            last = venue.touch.last
            rises = trigger is not None and last is not None and price(trigger) > last
            request = NewOrder(
                side=side,
                type=OrderType.MARKET if at is None else OrderType.LIMIT,
                size=size * LOT,
                price=None if at is None else price(at),
                time_in_force=tif,
                reduce_only=reduce_only,
                trigger_price=None if trigger is None else price(trigger),
                trigger_direction=0 if trigger is None else 1 if rises else 2,
            )
            venue.submit(request, venue.now_ns)
        case ("amend", number, size, at):
            chosen = venue.open_orders[number : number + 1]
            for order in chosen:
                venue.amend(
                    order.order_id,
                    "",
                    venue.now_ns,
                    size=None if size is None else size * LOT,
                    price=None if at is None else price(at),
                )
        case ("cancel", number):
            for order in venue.open_orders[number : number + 1]:
                venue.cancel(order.order_id, "", venue.now_ns)
        case ("funding", basis_points):
            venue.settle_funding(venue.now_ns, basis_points * D("0.0001"))


def play(script: list[tuple]) -> MatchingEngine:
    venue = opened()
    for step in script:
        with suppress(VenueError):
            take(venue, step)
    return venue


@settings(max_examples=120, deadline=None)
@given(steps)
def test_position_is_the_sum_of_the_fills(script):
    venue = play(script)

    signed = sum((e.size * e.side.sign for e in executed(venue)), D(0))
    assert venue.account.size == signed


@settings(max_examples=120, deadline=None)
@given(steps)
def test_wallet_is_what_was_paid_and_received(script):
    venue = play(script)

    account = venue.account
    assert account.balance == START + account.realised - account.fees - account.funding
    flow = sum((-e.size * e.price * e.side.sign for e in executed(venue)), D(0))
    costs = sum((e.fee for e in venue.executions), D(0))
    held = account.entry_value * (account.size > 0) - account.entry_value * (account.size < 0)
    assert account.balance == START + flow + held - costs


def test_reduce_only_order_never_increases_the_position():
    looked_at = 0

    @settings(max_examples=120, deadline=None)
    @given(steps)
    def holds(script):
        nonlocal looked_at
        venue = opened()
        for step in script:
            seen, size = len(executed(venue)), venue.account.size
            with suppress(VenueError):
                take(venue, step)
            for execution in executed(venue)[seen:]:
                after = size + execution.size * execution.side.sign
                if venue.orders[execution.order_id].reduce_only:
                    looked_at += 1
                    assert abs(after) < abs(size)
                    assert after * size >= 0
                size = after

    holds()
    assert looked_at > 0


def test_order_fills_within_its_size_and_its_limit():
    looked_at = 0

    @settings(max_examples=120, deadline=None)
    @given(steps)
    def holds(script):
        nonlocal looked_at
        venue = play(script)

        for order in venue.orders.values():
            own = [e for e in executed(venue) if e.order_id == order.order_id]
            assert sum((e.size for e in own), D(0)) == order.filled <= order.size
            assert sum((e.fee for e in own), D(0)) == order.fee
            for execution in own:
                if execution.order_price is not None:
                    looked_at += 1
                    better = (execution.order_price - execution.price) * order.side.sign
                    assert better >= 0

    holds()
    assert looked_at > 0


def test_open_orders_can_still_fill():
    looked_at = 0

    @settings(max_examples=120, deadline=None)
    @given(steps)
    def holds(script):
        nonlocal looked_at
        venue = play(script)

        for order in venue.open_orders:
            assert order.leaves > 0
            if order.reduce_only and order.trigger_price is None:
                looked_at += 1
                assert venue.account.reducible(order.side) > 0

    holds()
    assert looked_at > 0
