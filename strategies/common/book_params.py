"""Parameters of a trade book: how many trades at once, and what they share."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class PositionMode(StrEnum):
    """
    Represents how the venue adds up the trades of one instrument.

    `NETTING` is one position for all of them (Bybit's one-way mode, futures accounts), `BY_SIDE`
    one long and one short position (Bybit's hedge mode), `BY_TRADE` a position of its own for each
    (Nautilus's HEDGING).
    """

    NETTING = "NETTING"
    BY_SIDE = "BY_SIDE"
    BY_TRADE = "BY_TRADE"


class CooldownScope(StrEnum):
    """Represents which entries wait after a full exit: all, or those of the same setup."""

    BOOK = "BOOK"
    SETUP = "SETUP"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookParams:
    """
    Represents the parameters shared by the trades of one strategy on one instrument.

    Parameters
    ----------
    max_trades : int, default 1
        The most trades at once, entries that wait for their fill included.
    max_total_risk : Decimal or None, default None
        The largest loss at the stops of all trades, as a share of the equity; None for no limit.
        An entry that would exceed it is refused, not made smaller.
    one_trade_per_setup : bool, default False
        If no second trade of the same setup (`Intent.tag`) is entered.
    cooldown : CooldownScope, default BOOK
        Which entries `TradeParams.cooldown_ns` holds back.
    positions : PositionMode, default NETTING
        How the venue adds up the trades.

    Raises
    ------
    ValueError
        If `max_trades` or `max_total_risk` is not positive.

    """

    max_trades: int = 1
    max_total_risk: Decimal | None = None
    one_trade_per_setup: bool = False
    cooldown: CooldownScope = CooldownScope.BOOK
    positions: PositionMode = PositionMode.NETTING

    def __post_init__(self) -> None:
        if self.max_trades < 1:
            raise ValueError(f"max_trades was not positive, was {self.max_trades}")
        if self.max_total_risk is not None and not self.max_total_risk > 0:
            raise ValueError(f"max_total_risk was not positive, was {self.max_total_risk}")
