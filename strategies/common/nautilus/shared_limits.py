"""Holds a strategy to the limits that all strategies of its node share, over the message bus."""

from decimal import Decimal
from typing import Any
from typing import Protocol

from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.ledger import DAY_NS
from strategies.common.nautilus.host import StrategyHost
from strategies.common.shared_risk import RiskRequest
from strategies.common.shared_risk import RiskShare
from strategies.common.shared_risk import shared_refusal


SHARED_RISK = "risk.shares"


class SharedLimitHost(StrategyHost, Protocol):
    """Represents a strategy whose instrument settles in a currency."""

    instrument: Any


class SharedLimits:
    """
    Reports the position and result of its strategy, and queries the others before an entry.

    Parameters
    ----------
    host : SharedLimitHost
        The strategy, on its start.

    """

    def __init__(self, host: SharedLimitHost) -> None:
        self._host = host

    def start(self) -> None:
        """Answer requests."""
        self._host.msgbus.subscribe(topic=SHARED_RISK, handler=self._answer)

    def stop(self) -> None:
        """Answer no more."""
        self._host.msgbus.unsubscribe(topic=SHARED_RISK, handler=self._answer)

    def refusal(self, ts: int, intent: Intent) -> Refusal | None:
        """Return the limit of all strategies together that an entry at a time would break."""
        host = self._host
        most, loss = host.config.max_trades_all, host.config.max_daily_loss_all
        if most is None and loss is None:
            return None
        request = RiskRequest(ts)
        host.msgbus.publish(topic=SHARED_RISK, msg=request)
        is_new = not host.manager.entries.rivals(intent)
        return shared_refusal(request.shares, is_new=is_new, max_trades=most, max_daily_loss=loss)

    def _answer(self, request: RiskRequest) -> None:
        host = self._host
        ledger = host.manager.ledger
        is_today = ledger.day == request.ts // DAY_NS
        share = RiskShare(
            trades=len(host.manager.trades),
            day_pnl=ledger.day_pnl if is_today else Decimal(0),
            currency=host.instrument.get_settlement_currency().code,
        )
        request.shares.append(share)
