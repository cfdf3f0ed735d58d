"""The table of capital tiers, and the rules by which it is applied."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec
from msgspec import Struct

from errors import ParameterError


ZERO = Decimal(0)


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents one capital tier.

    Parameters
    ----------
    name : str
        Its name.
    from_balance : Decimal
        The least balance; the tier ends where the next begins.
    root : str
        The root of the contract that is traded (`MES`).
    max_contracts : int
        The largest size.
    daily_loss_limit : Decimal
        The loss of a day, a positive amount, at which no more is entered.
    scaling : bool, default True
        If setup and streaks change the size; else it is one contract.

    """

    name: str
    from_balance: Decimal
    root: str
    max_contracts: int
    daily_loss_limit: Decimal
    scaling: bool = True


def default_tiers() -> tuple[Tier, ...]:
    """Return the five tiers of the order-flow system, for balances in USD."""
    rows = (
        ("Tier 1: MES Building", 0, "MES", 3, 100, True),
        ("Tier 2: ES Entry", 3_500, "ES", 1, 400, False),
        ("Tier 3: ES Growth", 5_000, "ES", 2, 400, True),
        ("Tier 4: ES Scaling", 7_500, "ES", 3, 500, True),
        ("Tier 5: ES Full", 10_000, "ES", 3, 500, True),
    )
    return tuple(
        Tier(
            name=name,
            from_balance=Decimal(start),
            root=root,
            max_contracts=most,
            daily_loss_limit=Decimal(loss),
            scaling=scaling,
        )
        for name, start, root, most, loss, scaling in rows
    )


class TierParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of the capital tiers.

    Parameters
    ----------
    tiers : tuple[Tier, ...], optional
        The tiers by rising balance; by default the five of `default_tiers`.
    starting_balance : Decimal or None, default 2,500
        The capital assigned to the strategies, to which their net results are added; None follows
        the balance of the account, whatever else trades on it.
    hysteresis : Decimal, default 0
        How far the balance must fall below a tier before it is left for a lower one.
    win_streak : int, default 3
        The consecutive winning trades from which on one contract is added; 0 for never.
    loss_streak : int, default 2
        The consecutive losing trades from which on one contract is taken off; 0 for never.

    Raises
    ------
    ParameterError
        If there are no tiers, the first does not start at 0, balances do not rise, or a number is
        out of its range.

    """

    tiers: tuple[Tier, ...] = msgspec.field(default_factory=default_tiers)
    starting_balance: Decimal | None = Decimal(2_500)
    hysteresis: Decimal = ZERO
    win_streak: int = 3
    loss_streak: int = 2

    def __post_init__(self) -> None:
        for name, reason in self._faults():
            raise ParameterError(name, reason)

    @property
    def roots(self) -> tuple[str, ...]:
        """Return the roots of the contracts that the tiers trade, each once."""
        return tuple(dict.fromkeys(tier.root for tier in self.tiers))

    def index_of(self, balance: Decimal) -> int:
        """Return the number of the tier (from 0) of a balance; below zero it is the first."""
        return max(
            (i for i, tier in enumerate(self.tiers) if balance >= tier.from_balance), default=0
        )

    def _faults(self) -> Iterator[tuple[str, str]]:
        if not self.tiers:
            yield "tiers", "there is none"
            return
        for i, tier in enumerate(self.tiers):
            if not (tier.from_balance.is_finite() and tier.daily_loss_limit.is_finite()):
                yield f"tiers.{i}", "an amount is not finite"
            elif tier.daily_loss_limit <= 0:
                limit = tier.daily_loss_limit
                yield f"tiers.{i}.daily_loss_limit", f"{limit} is not positive"
            elif tier.max_contracts < 1:
                yield f"tiers.{i}.max_contracts", f"{tier.max_contracts} is not positive"
            elif not tier.root:
                yield f"tiers.{i}.root", "it is empty"
        if self.tiers[0].from_balance != 0:
            yield "tiers.0.from_balance", f"{self.tiers[0].from_balance} is not 0"
        for i, (low, high) in enumerate(zip(self.tiers, self.tiers[1:], strict=False)):
            if not high.from_balance > low.from_balance:
                yield f"tiers.{i + 1}.from_balance", f"{high.from_balance} is not above the last"
        start = self.starting_balance
        if start is not None and not (start.is_finite() and start > 0):
            yield "starting_balance", f"{start} is not positive and finite"
        if not (self.hysteresis.is_finite() and self.hysteresis >= 0):
            yield "hysteresis", f"{self.hysteresis} is not within 0 to infinity"
        for name in ("win_streak", "loss_streak"):
            if getattr(self, name) < 0:
                yield name, f"{getattr(self, name)} is negative"
