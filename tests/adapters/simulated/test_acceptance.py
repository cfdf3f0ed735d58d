"""An order that the venue cannot simulate ends the run, in one line that names it."""

import re

import pytest
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.enums import TimeInForce
from nautilus_trader.model.enums import TriggerType
from nautilus_trader.model.objects import Price

from errors import AuctionError
from tests.adapters.simulated.desk import Maker
from tests.adapters.simulated.desk import play


ES = "ESZ6.XCME"


def limit(price, **options):
    def act(s):
        instrument_id = s.maker.instrument.id
        s.submit_order(
            s.order_factory.limit(instrument_id, OrderSide.BUY, s.maker.size(1), price, **options)
        )

    return act


def stop(price, **options):
    def act(s):
        instrument_id = s.maker.instrument.id
        s.submit_order(
            s.order_factory.stop_market(
                instrument_id, OrderSide.SELL, s.maker.size(1), price, **options
            )
        )

    return act


def limit_if_touched(s):
    s.submit_order(
        s.order_factory.limit_if_touched(
            s.maker.instrument.id,
            OrderSide.BUY,
            s.maker.size(1),
            s.maker.price(900),
            s.maker.price(900),
        )
    )


def played(action):
    m = Maker(ES)
    ticks = [m.quote(0, 1000, 1001), m.trade(5, 900, 99, "S"), m.quote(9, 800, 801)]
    return play(m, ticks, [(1, lambda s: s.market("BUY", 1)), (2, action)], latency_ms=1)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (limit(Price.from_str("250.10")), "price 250.10 lies off the tick of 0.25"),
        (stop(Price.from_str("249.90")), "trigger price 249.90 lies off the tick of 0.25"),
        (limit(Price.from_str("225.00"), time_in_force=TimeInForce.IOC), "no IOC or FOK"),
        (stop(Price.from_str("225.00"), trigger_type=TriggerType.MARK_PRICE), "last price only"),
        (limit_if_touched, "market, limit, stop-market orders only"),
    ],
)
def test_an_order_that_cannot_be_simulated_ends_the_run(action, reason):
    with pytest.raises(AuctionError, match=f"^TEST-000: order O-.*-2: .*{re.escape(reason)}"):
        played(action)


def test_an_order_on_the_tick_is_taken():
    assert played(limit(Price.from_str("225.00"))).fills[-1][2:4] == (1, 900)


def test_an_amendment_off_the_tick_ends_the_run():
    orders = {}

    def place(s):
        orders["one"] = s.limit("BUY", 1, 900)

    def amend(s):
        s.modify_order(orders["one"], price=Price.from_str("225.10"))

    m = Maker(ES)
    ticks = [m.quote(0, 1000, 1001), m.quote(9, 1000, 1001)]
    with pytest.raises(AuctionError, match=r"order O-.*: price 225\.10 lies off the tick of 0\.25"):
        play(m, ticks, [(1, place), (2, amend)])
