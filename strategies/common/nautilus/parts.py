"""What a strategy is made of: parts that face account, venue and readers, and its system."""

from collections.abc import Hashable
from collections.abc import Iterable
from typing import Any

from actors.messages import Message
from strategies.common.machine import DecisionMachine
from strategies.common.nautilus.account import Account
from strategies.common.nautilus.controls import TradeControls
from strategies.common.nautilus.decision_reports import DecisionReports
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.publisher import Publisher


class StrategyParts(TradeControls):
    """
    Makes the parts of a strategy that face Nautilus; a subclass may connect it to something else.

    A system makes its machine and the machine's rows here.

    Attributes
    ----------
    account : Account
        The money behind its entries.
    instrument : Any
        Its instrument.
    is_live : bool
        If the clock is a live one.

    """

    account: Account
    instrument: Any
    is_live: bool

    def make_account(self) -> Account:
        """Return the account that sizes entries; instrument and units are there."""
        return Account(self.portfolio, self.cache, self.instrument, self.units, self.config)

    def make_router(self) -> OrderRouter:
        """Return the router of orders to the venue."""
        return OrderRouter(self, self.instrument.id, self.units, marks_ids=self.is_live)

    def make_publisher(self, deferred: DeferredActions) -> Publisher:
        """Return the publisher of records, alerts and states."""
        return Publisher(self, self.account, deferred)

    def make_reports(self, interval_ns: int) -> DecisionReports:
        """Return the publisher of its decisions, counted in intervals (ns)."""
        return DecisionReports(self, interval_ns)

    def make_machine(self) -> DecisionMachine[Any] | None:
        """Return the decision machine of the system; units and account are there."""
        return None

    def row_of(self, message: Message) -> Any:
        """Return the machine's row that a message of `INPUTS` completes; None for none."""
        return None

    @property
    def row_basis(self) -> Hashable:
        """Return the settings that `row_of` depends on beside messages and instrument."""
        return None

    def messages_of(self, record: Any) -> Iterable[Message]:
        """Return the messages about a record of the machine."""
        return ()
