"""The requests of a system to the trade manager, and their outcome at one boundary."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from numbers import Integral

from msgspec import Struct

from strategies.common.trail import Trail
from strategies.common.trail import TrailBasis


class SizeHints(Struct, frozen=True, kw_only=True):
    """
    Represents what a setup says about the size of its trade, for policies that count contracts.

    Parameters
    ----------
    bonus : int, default 0
        The contracts that it adds to one, where capital tiers decide the size.
    multiplier : Decimal, default 1
        The share of the largest size, where no tiers do.

    """

    bonus: int = 0
    multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """
    Represents a trade proposed by a system, with all prices fixed at the decision.

    Parameters
    ----------
    is_long : bool
        If the trade is long.
    entry : int
        The limit price of the entry in ticks.
    stop : int
        The protective stop in ticks.
    tag : str
        The name of the setup with its side, such as `breakin_long`.
    tp1_half : int or None, default None
        The first target in half ticks; None sends the whole size to the second.
    tp2 : int or None, default None
        The last target in ticks; None for a trade that only its stop or its time ends.
    target_distance : int or None, default None
        How far in ticks the last target lies from the average entry; once there are fills it
        counts, and no longer `tp2`.
    stop_distance : int or None, default None
        How far in ticks the stop lies from the average entry; once there are fills it counts, and
        no longer `stop`, which must lie as far from `entry`. None for a stop at its price.
    boundary : int or None, default None
        A level in ticks; a close strictly on its wrong side ends the trade.
    trail_distance : int or None, default None
        How far in ticks the stop follows the best price; None for a stop that does not trail.
    trail_activation : int, default 0
        The profit in ticks from which on the stop trails.
    trail_basis : TrailBasis, default PRINT
        If each print moves it, or the decision machine once a bar.
    costs : int, default 0
        What fees and slippage of a trade that ends at the stop are expected to cost per lot, in
        thousandths of a tick; 0 if unknown.
    size_hints : SizeHints or None, default None
        What the setup says about the size; None for nothing.

    Raises
    ------
    ValueError
        If a price is not a whole number, the stop or a target lies on the wrong side of the entry,
        a distance is not positive, or the costs are negative.

    """

    is_long: bool
    entry: int
    stop: int
    tag: str
    tp1_half: int | None = None
    tp2: int | None = None
    target_distance: int | None = None
    stop_distance: int | None = None
    boundary: int | None = None
    trail_distance: int | None = None
    trail_activation: int = 0
    trail_basis: TrailBasis = TrailBasis.PRINT
    costs: int = 0
    size_hints: SizeHints | None = None

    def __post_init__(self) -> None:
        for name in ("entry", "stop", "tp1_half", "tp2"):
            price = getattr(self, name)
            # Also NaN, which no comparison below would refuse.
            if price is not None and not isinstance(price, Integral):
                raise ValueError(f"{name} {price} was not a whole number of ticks")
        if self.side * (self.entry - self.stop) <= 0:
            raise ValueError(f"stop {self.stop} was not on the losing side of {self.entry}")
        if self.tp1_half is not None and self.side * (self.tp1_half - 2 * self.entry) <= 0:
            raise ValueError(f"tp1_half {self.tp1_half} was not beyond the entry {self.entry}")
        if self.tp2 is not None and self.side * (self.tp2 - self.entry) <= 0:
            raise ValueError(f"tp2 {self.tp2} was not beyond the entry {self.entry}")
        for name in ("trail_distance", "target_distance", "stop_distance"):
            distance = getattr(self, name)
            if distance is not None and distance < 1:
                raise ValueError(f"{name} was not positive, was {distance}")
        # The size of a trade follows from the prices at the decision.
        if self.stop_distance not in (None, abs(self.entry - self.stop)):
            raise ValueError(
                f"stop {self.stop} was not {self.stop_distance} ticks from the entry {self.entry}"
            )
        if self.costs < 0:
            raise ValueError(f"costs were negative: {self.costs}")

    @property
    def side(self) -> int:
        """Return +1 for a long trade, -1 for a short one."""
        return 1 if self.is_long else -1

    @property
    def trail(self) -> Trail | None:
        """Return the rule of its trailing stop; None for a stop that does not trail."""
        if self.trail_distance is None:
            return None
        return Trail(
            distance=self.trail_distance,
            activation=self.trail_activation,
            basis=self.trail_basis,
        )

    @property
    def tp1(self) -> int | None:
        """Return the first price in ticks that reaches the first target."""
        if self.tp1_half is None:
            return None
        return (self.tp1_half + 1) // 2 if self.is_long else self.tp1_half // 2


class Action(StrEnum):
    """Represents the action at one boundary."""

    ENTER_LONG = "ENTER_LONG"
    ENTER_SHORT = "ENTER_SHORT"
    EXIT = "EXIT"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """
    Represents the action at one boundary, and its reason.

    Parameters
    ----------
    action : Action
        The action.
    reason : str or None
        The tag of the setup in capitals (after `FLIP_` where a position is turned), the reason of
        the exit, or the code of the gate's refusal.

    """

    action: Action
    reason: str | None = None
