import numpy as np
from numpy.typing import NDArray

class OrderBook:
    """
    Best bid and ask of one instrument from its order-by-order messages.

    Messages are those of Databento's schema `mbo`: A adds an order, C takes size from it, M gives
    it another price or size (and adds it where it is not known), R clears the book; trades (T),
    fills (F) and all else leave it alone. The book is seen at the end of an event (flag 128), not
    within it and not within a snapshot (flag 32).

    Attributes
    ----------
    unknown_orders : int
        Changes of orders that were never added: the messages begin without a snapshot.
    """

    unknown_orders: int

    def __init__(self) -> None: ...
    def apply(
        self,
        actions: NDArray[np.uint8],
        sides: NDArray[np.uint8],
        order_ids: NDArray[np.uint64],
        prices: NDArray[np.int64],
        sizes: NDArray[np.uint32],
        flags: NDArray[np.uint8],
    ) -> tuple[
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.int64],
    ]:
        """
        Apply messages, and return the best prices wherever they or their sizes have changed.

        Parameters
        ----------
        actions, sides : NDArray[np.uint8]
            The codes of the letters (shape `n`); side B is a bid, A an ask.
        order_ids : NDArray[np.uint64]
            The identifiers of the orders (shape `n`).
        prices : NDArray[np.int64]
            In any unit (shape `n`).
        sizes : NDArray[np.uint32]
            In any unit (shape `n`).
        flags : NDArray[np.uint8]
            The flags of the messages (shape `n`).

        Returns
        -------
        tuple of NDArray[np.int64]
            Positions of the messages, bid, ask, bid size and ask size after them (shape `m`). A
            side without orders has the price 2^63 - 1 and the size 0.

        Raises
        ------
        ValueError
            If the columns differ in length.
        """
