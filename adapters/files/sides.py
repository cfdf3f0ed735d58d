"""The aggressor's side from the words of different sources."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.batches import BUYER
from catalog.batches import NO_SIDE
from catalog.batches import SELLER


_UNKNOWN = 255

_AGGRESSOR = {
    **dict.fromkeys(("buy", "buyer", "b", "bought", "buy_aggressor", "1", "+1"), BUYER),
    **dict.fromkeys(("sell", "seller", "s", "a", "sold", "sell_aggressor", "2", "-1"), SELLER),
    **dict.fromkeys(("", "n", "none", "no_side", "no_aggressor", "unknown", "0"), NO_SIDE),
}
_BUYER_IS_MAKER = {
    **dict.fromkeys(("true", "t", "1", "yes", "y"), SELLER),
    **dict.fromkeys(("false", "f", "0", "no"), BUYER),
    **dict.fromkeys(("", "none"), NO_SIDE),
}


def parse_sides(
    texts: pa.Array,
    *,
    buyer_is_maker: bool,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """
    Convert side words to the aggressor's side.

    The side is always that of the taker, who crossed the spread. Case does not matter:

    - buyer: `buy`, `buyer`, `b`, `bought`, `buy_aggressor`, `1`, `+1`
    - seller: `sell`, `seller`, `s`, `sold`, `sell_aggressor`, `a`, `2`, `-1`
    - none: empty, `n`, `none`, `no_side`, `no_aggressor`, `unknown`, `0`

    `a` and `b` are Databento's letters: `B` a buy aggressor, `A` a sell aggressor. The words
    `bid` and `ask` are unknown on purpose: sources disagree whether they name the aggressor or
    the side of the book that was hit. A flag that the buyer was the maker (Binance) means the
    opposite of a side: `true` is a SELL aggressor, `false` a buy aggressor.

    Parameters
    ----------
    texts : pa.Array
        The words (shape `n`).
    buyer_is_maker : bool
        Whether the column states if the buyer was the maker.

    Returns
    -------
    sides : NDArray[np.uint8]
        `NO_SIDE`, `BUYER` or `SELLER`; `NO_SIDE` for an unknown word.
    unknown : NDArray[np.bool_]
        A mask of unknown words.

    """
    words = _BUYER_IS_MAKER if buyer_is_maker else _AGGRESSOR
    coded = pc.dictionary_encode(texts)
    keys = [word.strip().lower().replace(" ", "_") for word in coded.dictionary.to_pylist()]
    table = np.array([words.get(key, _UNKNOWN) for key in keys], dtype=np.uint8)
    sides: NDArray[np.uint8] = table[coded.indices.to_numpy()]
    unknown = sides == _UNKNOWN
    return np.where(unknown, np.uint8(NO_SIDE), sides), unknown
