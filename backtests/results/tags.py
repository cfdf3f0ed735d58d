"""Parse the tags of an order: its role, setup, reason and, of an entry, its plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


ROLES = ("ENTRY", "STOP", "EXIT")
PLAN = "plan="


class Order(Protocol):
    """Represents an order as far as its tags go."""

    @property
    def tags(self) -> Iterable[str] | None:
        """The tags."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Represents the prices that an entry was decided on.

    Attributes
    ----------
    entry, stop, tp1, tp2 : Decimal or None
        Prices in instrument units; the first target may lie on half a tick.
    target_distance : Decimal or None
        How far the last target lies from the fills, where it hangs on them.
    costs : Decimal or None
        What fees and slippage of a trade that its stop ends were expected to cost, as a price
        difference.
    stop_distance : Decimal or None
        How far the stop lies from the fills, where it hangs on them.

    """

    entry: Decimal | None = None
    stop: Decimal | None = None
    tp1: Decimal | None = None
    tp2: Decimal | None = None
    target_distance: Decimal | None = None
    costs: Decimal | None = None
    stop_distance: Decimal | None = None

    @property
    def risk(self) -> Decimal | None:
        """Return the distance of entry and stop, None where there is none."""
        if self.entry is None or self.stop is None or self.entry == self.stop:
            return None
        return abs(self.entry - self.stop)

    @property
    def loss(self) -> Decimal | None:
        """Return the expected cost of the stop with fees and slippage, None if unknown."""
        risk, costs = self.risk, self.costs
        return None if risk is None or costs is None else risk + costs


def role_of(order: Order) -> str | None:
    """Return the purpose of an order, by its first tag: ENTRY, STOP or EXIT."""
    tag = _tag(order, 0)
    return tag if tag in ROLES else None


def setup_of(order: Order) -> str | None:
    """Return the setup that an order belongs to, by its second tag."""
    return _tag(order, 1)


def reason_of(order: Order) -> str | None:
    """Return why an order was sent, by its third tag; its role where there is none."""
    return _tag(order, 2) or role_of(order)


def plan_of(order: Order) -> Plan | None:
    """
    Return the prices that an entry was decided on, by its tag `plan=ENTRY/STOP/TP1/TP2`.

    A part without a price is empty; a fifth one is the distance of a target from the fills, a sixth
    one what a stopped trade was expected to cost, a seventh the distance of a stop from the fills.
    """
    for tag in order.tags or []:
        if tag.startswith(PLAN):
            parts = tag.removeprefix(PLAN).split("/")
            return Plan(*(Decimal(part) if part else None for part in parts))
    return None


def _tag(order: Order, number: int) -> str | None:
    # The plan may be anywhere, so that it is never taken for a setup or a reason.
    tags = [tag for tag in order.tags or [] if not tag.startswith(PLAN)]
    return tags[number] if len(tags) > number else None
