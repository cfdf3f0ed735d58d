"""Column names of CSV files: ours and those of other sources."""

from collections.abc import Mapping
from pathlib import Path

from errors import AuctionError


# In order of preference; compared without case, spaces, hyphens and underscores.
_TIME = "ts_event ts timestamp datetime time transact_time trade_time exchange_time date t"
_PRICE = "price px last last_price trade_price p"
_SIZE = "size qty quantity amount volume vol last_size q"
_SEQ = "seq sequence"
_SYMBOL = "symbol"

TRADE_COLUMNS = {
    "ts": _TIME,
    "price": _PRICE,
    "size": _SIZE,
    "side": "side aggressor aggressor_side taker_side taker trade_side direction",
    "buyer_is_maker": "is_buyer_maker buyer_is_maker buyer_maker is_buyer_mm",
    "id": "id trade_id trd_match_id exec_id agg_trade_id tid",
    "seq": _SEQ,
    "symbol": _SYMBOL,
}
QUOTE_COLUMNS = {
    "ts": _TIME,
    "bid": "bid bid_price bid_px best_bid best_bid_price bid1price bid_px_00 b",
    "bid_size": "bid_size bid_sz bid_qty best_bid_size best_bid_qty bid1size bid_sz_00 bid_volume",
    "ask": "ask ask_price ask_px best_ask best_ask_price ask1price ask_px_00 offer a",
    "ask_size": "ask_size ask_sz ask_qty best_ask_size best_ask_qty ask1size ask_sz_00 ask_volume",
    "seq": _SEQ,
    "symbol": _SYMBOL,
}
BAR_COLUMNS = {
    "ts": "ts_event ts timestamp datetime open_time start_time start time date t",
    "open": "open open_price o",
    "high": "high high_price h",
    "low": "low low_price l",
    "close": "close close_price c",
    "volume": "volume vol size qty quantity v",
    "symbol": _SYMBOL,
}
OPTIONAL = frozenset({"side", "buyer_is_maker", "id", "seq", "symbol", "volume"})


def find_columns(path: Path, header: list[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """
    Find the columns of a file by their names and aliases.

    Parameters
    ----------
    path : Path
        The file, for errors.
    header : list[str]
        The names in the file.
    wanted : Mapping[str, str]
        Our names and, for each, the aliases in order of preference, separated by spaces.

    Returns
    -------
    dict[str, str]
        Our names and the names in the file.

    Raises
    ------
    AuctionError
        If a required column is missing or a name occurs twice.

    """
    present: dict[str, str] = {}
    for name in header:
        if present.setdefault(_plain(name), name) != name or header.count(name) > 1:
            raise AuctionError(f"{path}: two columns are named {name!r}: rename one")
    found = {}
    for ours, aliases in wanted.items():
        matches = [present[_plain(alias)] for alias in aliases.split() if _plain(alias) in present]
        if matches:
            found[ours] = matches[0]
        elif ours not in OPTIONAL:
            raise AuctionError(
                f"{path}: no column for {ours!r} among {', '.join(header)}: "
                f"name it one of {', '.join(aliases.split())}",
            )
    return found


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "").replace(" ", "").replace("-", "")
