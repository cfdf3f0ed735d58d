"""Trades and quotes of a sample market in one stream order."""

import numpy as np
import pyarrow as pa

from catalog.batches import BUYER
from catalog.batches import SELLER
from catalog.batches import QuoteBatch
from catalog.batches import TradeBatch
from catalog.sample.book import TRADE
from catalog.sample.book import make_quotes
from catalog.sample.fine import FinePrice
from catalog.sample.orders import TickModel
from catalog.sample.orders import make_orders
from catalog.sample.walk import PricePath


def make_ticks(
    path: PricePath,
    model: TickModel,
    rng: np.random.Generator,
    first_id: int = 1,
) -> tuple[TradeBatch, QuoteBatch]:
    """
    Return the trades and quotes of a path.

    Parameters
    ----------
    path : PricePath
        The path of the mid price.
    model : TickModel
        The habits of the market.
    rng : np.random.Generator
        The source of all chance.
    first_id : int, default 1
        The id of the first trade.

    Returns
    -------
    tuple[TradeBatch, QuoteBatch]
        In stream order; `seq` numbers both together from 0.

    """
    fine = FinePrice(path, rng)
    orders = make_orders(path, fine, model, rng)
    quotes = make_quotes(path, fine, orders, model, rng)
    trades = len(orders.owner)
    time = np.concatenate((orders.time[orders.owner], quotes.time))
    order = np.concatenate((orders.owner, quotes.order))
    step = np.concatenate((np.full(trades, TRADE), quotes.step))
    ranked = np.lexsort((step, order, time))
    seq = np.empty(len(ranked), dtype=np.int64)
    seq[ranked] = np.arange(len(ranked))
    at = np.argsort(seq[trades:])
    ids = np.arange(first_id, first_id + trades)
    return (
        TradeBatch(
            ts_event=path.start_ns + orders.time[orders.owner],
            price=orders.price,
            size=orders.size,
            side=np.where(orders.sign[orders.owner] > 0, BUYER, SELLER).astype(np.uint8),
            trade_id=pa.array(ids).cast(pa.string()),
            seq=seq[:trades],
        ),
        QuoteBatch(
            ts_event=path.start_ns + quotes.time[at],
            bid=quotes.bid[at],
            ask=quotes.ask[at],
            bid_size=quotes.bid_size[at],
            ask_size=quotes.ask_size[at],
            seq=seq[trades:][at],
        ),
    )
