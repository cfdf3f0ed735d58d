"""The parts of a strategy that face its account, its venue and its readers."""

from typing import Any

from strategies.common.nautilus.account import Account
from strategies.common.nautilus.controls import TradeControls
from strategies.common.nautilus.decision_reports import DecisionReports
from strategies.common.nautilus.deferred_actions import DeferredActions
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.publisher import Publisher


class StrategyParts(TradeControls):
    """
    Makes the parts of a strategy that face Nautilus; a subclass may connect it to something else.

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
