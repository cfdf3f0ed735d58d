"""
Capital tiers: the balance decides contract, size and daily loss limit.

A system that trades one of several contracts runs one strategy per contract, each with the actors
of its instrument: detectors and profiles then always fit the contract. All of them have the same
tiers in their configuration and receive the results of all; each checks `CapitalTiers.trades(root)`
before an entry, so that only the strategy of the tier's contract enters. Use:

    tiers = CapitalTiers(TierParams())
    tiers.start(Decimal(2_500))                    # silent: no event
    if tiers.trades("MES"):
        contracts = tiers.contracts(setup_bonus(signals=2, is_trending=True))
    change = tiers.on_result(ts, Decimal("62.50"), is_flat=True)   # TierChange or None
    change = tiers.on_balance(ts, balance, is_flat=True)           # where an account gives it
"""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from errors import AuctionError
from strategies.common.tier_params import Tier
from strategies.common.tier_params import TierParams


# A smaller difference of two balances is rounding, and no payment.
BALANCE_STEP = Decimal("0.01")


class TierChange(Struct, frozen=True, kw_only=True):
    """
    Represents the change from one tier to another.

    Parameters
    ----------
    ts : int
        When (ns UTC).
    from_tier, to_tier : int
        Their numbers from 0.
    from_root, to_root : str
        The roots of their contracts.
    balance : Decimal
        The balance that decided it.

    """

    ts: int
    from_tier: int
    to_tier: int
    from_root: str
    to_root: str
    balance: Decimal

    @property
    def changes_contract(self) -> bool:
        """Return True if another contract is traded from then on."""
        return self.from_root != self.to_root


class TierState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the state of the tiers.

    Parameters
    ----------
    balance : Decimal
        The balance.
    index : int
        The number of the tier from 0.
    wins, losses : int, default 0
        The running streaks.
    results : int, default 0
        The results counted so far.

    """

    balance: Decimal
    index: int
    wins: int = 0
    losses: int = 0
    results: int = 0


class CapitalTiers:
    """
    Follows a balance through the tiers, and sizes entries.

    The tier is determined anew after each result and each balance of the account. One of another
    contract comes into force only while no position is open, by the balance of that moment.
    A balance below zero is of the first tier and halts: nothing more is entered. Streaks last over
    days: a result above zero adds to the winning and ends the losing streak, one below zero the
    reverse, zero changes neither.

    Parameters
    ----------
    params : TierParams
        The rules.

    """

    __slots__ = ("_state", "params")

    def __init__(self, params: TierParams) -> None:
        self.params = params
        self._state: TierState | None = None

    @property
    def is_started(self) -> bool:
        """Return True once there is a balance."""
        return self._state is not None

    @property
    def state(self) -> TierState:
        """Return the present state."""
        if self._state is None:
            raise ValueError("the tiers have no balance yet")
        return self._state

    @property
    def tier(self) -> Tier:
        """Return the tier in force."""
        return self.params.tiers[self.state.index]

    @property
    def is_halted(self) -> bool:
        """Return True if the balance is below zero."""
        return self.state.balance < 0

    def trades(self, root: str) -> bool:
        """Return True if the tier in force trades a contract by its root."""
        return self.tier.root == root

    def start(self, balance: Decimal) -> None:
        """Start with a balance; its tier is no change."""
        self._state = TierState(balance=balance, index=self.params.index_of(balance))

    def contracts(self, bonus: int = 0) -> int:
        """
        Return the size of an entry in contracts.

        Parameters
        ----------
        bonus : int, default 0
            What the setup adds to one contract (`setup_bonus`); not counted without scaling.

        """
        tier, params, state = self.tier, self.params, self.state
        if not tier.scaling:
            return 1
        size = 1 + bonus
        if 0 < params.win_streak <= state.wins:
            size += 1
        elif 0 < params.loss_streak <= state.losses:
            size -= 1
        return max(1, min(size, tier.max_contracts))

    def on_result(self, ts: int, net: Decimal, *, is_flat: bool) -> TierChange | None:
        """
        Add the net result of a trade to balance and streaks.

        Parameters
        ----------
        ts : int
            When it closed (ns UTC).
        net : Decimal
            Its result after all costs.
        is_flat : bool
            If no position is open.

        """
        state = self.state
        wins, losses = state.wins, state.losses
        if net > 0:
            wins, losses = wins + 1, 0
        elif net < 0:
            wins, losses = 0, losses + 1
        self._state = TierState(
            balance=state.balance + net,
            index=state.index,
            wins=wins,
            losses=losses,
            results=state.results + 1,
        )
        return self.settle(ts, is_flat=is_flat)

    def on_balance(self, ts: int, balance: Decimal, *, is_flat: bool) -> TierChange | None:
        """Follow a balance that an account gives; a difference within a cent is none."""
        state = self.state
        if abs(balance - state.balance) > BALANCE_STEP:
            self._state = msgspec.structs.replace(state, balance=balance)
        return self.settle(ts, is_flat=is_flat)

    def settle(self, ts: int, *, is_flat: bool) -> TierChange | None:
        """Return the change to the tier of the present balance, if it can come into force."""
        state, tiers = self.state, self.params.tiers
        index = self.params.index_of(state.balance)
        if index < state.index:
            # Within the hysteresis of a tier the balance still belongs to it.
            kept = self.params.index_of(state.balance + self.params.hysteresis)
            index = index if state.balance < 0 else min(kept, state.index)
        if index == state.index:
            return None
        old, new = tiers[state.index], tiers[index]
        if old.root != new.root and not is_flat:
            return None
        self._state = msgspec.structs.replace(state, index=index)
        return TierChange(
            ts=ts,
            from_tier=state.index,
            to_tier=index,
            from_root=old.root,
            to_root=new.root,
            balance=state.balance,
        )

    def adopt(self, state: TierState) -> bool:
        """Take the state of tiers that have counted more results; return True if it is."""
        if self._state is not None and state.results <= self._state.results:
            return False
        self._state = state
        return True

    def snapshot(self) -> dict[str, Any] | None:
        """Return the state as plain values, fit for JSON; None before the start."""
        if self._state is None:
            return None
        plain: dict[str, Any] = msgspec.to_builtins(self._state)
        return plain

    def restore(self, plain: Any) -> None:
        """
        Go on from a state, silently.

        Raises
        ------
        AuctionError
            If it is damaged.

        """
        try:
            state = msgspec.convert(plain, TierState)
        except msgspec.ValidationError as e:
            raise AuctionError(f"state of the capital tiers: {e}") from e
        if not state.balance.is_finite() or min(state.wins, state.losses, state.results) < 0:
            raise AuctionError("state of the capital tiers: a value is out of its range")
        if not 0 <= state.index < len(self.params.tiers):
            # Other tiers are configured now.
            state = msgspec.structs.replace(state, index=self.params.index_of(state.balance))
        self._state = state


def setup_bonus(signals: int, *, is_trending: bool) -> int:
    """
    Return what a setup adds to the size of one contract.

    Parameters
    ----------
    signals : int
        The distinct patterns of the bar in the direction of the trade; two or more add one.
    is_trending : bool
        If the market trends, which adds one.

    """
    return (signals >= 2) + is_trending
