"""Margin protection: no entry while a contract needs more margin than a limit."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

import msgspec
from msgspec import Struct

from errors import ParameterError
from strategies.common.gate import Refusal
from strategies.common.step import MachineAlert


SECOND_NS = 1_000_000_000


class MarginSource(StrEnum):
    """
    Represents where the margin of one contract comes from.

    `TABLE` is the dated file of day-trading margins, `ACCOUNT` the initial margin of the account at
    the venue: the exchange's, where a venue knows no other.
    """

    TABLE = "TABLE"
    ACCOUNT = "ACCOUNT"


class MarginAlert(StrEnum):
    """
    Represents an alert of the margin protection.

    `MARGIN_HIGH` blocks entries until `MARGIN_NORMAL`; `MARGIN_UNKNOWN` is a warning, and blocks
    them where `fail_safe` is on.
    """

    MARGIN_HIGH = "MARGIN_HIGH"
    MARGIN_NORMAL = "MARGIN_NORMAL"
    MARGIN_UNKNOWN = "MARGIN_UNKNOWN"


class MarginParams(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Represents the rules of the margin protection.

    Parameters
    ----------
    limits : dict[str, Decimal], optional
        The highest margin of one contract by its root, by default 40 for MES and 400 for ES; a
        contract without one is not checked.
    source : MarginSource, default TABLE
        Where the margin comes from.
    fail_safe : bool, default False
        If nothing is entered while the margin is unknown; else a warning is published.
    cache_seconds : int, default 60
        How long a margin counts before it is queried again (s, by the time of the data).

    Raises
    ------
    ParameterError
        If a limit is not positive, or the cache negative.

    """

    limits: dict[str, Decimal] = msgspec.field(
        default_factory=lambda: {"MES": Decimal(40), "ES": Decimal(400)}
    )
    source: MarginSource = MarginSource.TABLE
    fail_safe: bool = False
    cache_seconds: int = 60

    def __post_init__(self) -> None:
        for root, limit in self.limits.items():
            if not (limit.is_finite() and limit > 0):
                raise ParameterError(f"limits.{root}", f"{limit} is not positive and finite")
        if self.cache_seconds < 0:
            raise ParameterError("cache_seconds", f"{self.cache_seconds} is negative")


class MarginGuard:
    """
    Refuses entries while the margin of a contract is too high; open positions stay managed.

    Parameters
    ----------
    params : MarginParams
        The rules.
    root : str
        The root of the contract.
    margin_of : Callable[[int], Decimal or None]
        Returns the margin of one contract at a time (ns UTC); None where it is unknown.

    """

    __slots__ = ("_checked_at", "_found", "_limit", "_margin_of", "_params", "_root")

    def __init__(
        self,
        params: MarginParams,
        root: str,
        margin_of: Callable[[int], Decimal | None],
    ) -> None:
        self._params = params
        self._root = root
        self._limit = params.limits.get(root)
        self._margin_of = margin_of
        self._checked_at: int | None = None
        self._found: Refusal | None = None

    @property
    def refusal(self) -> Refusal | None:
        """Return the reason why nothing is entered, by the last check."""
        if self._found is Refusal.MARGIN_UNKNOWN and not self._params.fail_safe:
            return None
        return self._found

    def check(self, ts: int) -> MachineAlert | None:
        """
        Check the margin at a time (ns UTC), at the start and before each entry.

        Returns
        -------
        MachineAlert or None
            The alert of a change: too high, unknown, or normal again.

        """
        limit, last = self._limit, self._checked_at
        if limit is None:
            return None
        if last is not None and 0 <= ts - last < self._params.cache_seconds * SECOND_NS:
            return None
        self._checked_at = ts
        margin = self._margin_of(ts)
        before, self._found = self._found, None
        if margin is None:
            self._found = Refusal.MARGIN_UNKNOWN
        elif margin > limit:
            self._found = Refusal.MARGIN_HIGH
        return None if self._found is before else self._alert(ts, margin, limit)

    def _alert(self, ts: int, margin: Decimal | None, limit: Decimal) -> MachineAlert:
        root = self._root
        if margin is None:
            kind = MarginAlert.MARGIN_UNKNOWN
            what = "no entries" if self._params.fail_safe else "entries go on"
            text = f"the margin of {root} is not known (limit {limit}): {what}"
        elif margin > limit:
            kind = MarginAlert.MARGIN_HIGH
            text = f"{root} needs a margin of {margin}, the limit is {limit}: no entries"
        else:
            kind = MarginAlert.MARGIN_NORMAL
            text = f"{root} needs a margin of {margin}, the limit is {limit}: entries go on"
        value = None if margin is None else float(margin)
        return MachineAlert(ts=ts, kind=kind, text=text, value=value)
