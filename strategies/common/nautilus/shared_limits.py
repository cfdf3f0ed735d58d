"""Holds a strategy to the limits that all strategies of its node share, over the message bus."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import Protocol

from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.ledger import DAY_NS
from strategies.common.nautilus.host import StrategyHost
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.shared_risk import RiskRequest
from strategies.common.shared_risk import RiskShare
from strategies.common.shared_risk import reaches_loss
from strategies.common.shared_risk import shared_refusal
from strategies.common.shared_risk import total_result


SHARED_RISK = "risk.shares"
SHARED_DAY = "risk.day"


class SharedLimitHost(StrategyHost, Protocol):
    """Represents a strategy whose instrument settles in a currency."""

    instrument: Any
    total_loss_day: int | None

    def stop_entries(self, reason: DropReason) -> None: ...

    def flatten(self, reason: ExitReason, drop: DropReason) -> None: ...

    def keep_state(self, cause: str) -> None: ...


class SharedLimits:
    """
    Reports the position and result of its strategy, and queries the others before an entry.

    The loss of all is checked whenever one of them books money. Once it has reached
    `max_daily_loss_all`, nothing more is entered until the next 00:00 UTC, whatever is earned
    after that: the strategy keeps the day as `total_loss_day`, over a restart as well.

    Parameters
    ----------
    host : SharedLimitHost
        The strategy, on its start.

    """

    def __init__(self, host: SharedLimitHost) -> None:
        self._host = host
        self._checked: tuple[int | None, Decimal] | None = None
        self._is_started = False

    def start(self) -> None:
        """Answer requests, and check the loss that all have brought along."""
        self._host.msgbus.subscribe(topic=SHARED_RISK, handler=self._answer)
        self._host.msgbus.subscribe(topic=SHARED_DAY, handler=self._check_day)
        self._is_started = True
        self.check()

    def stop(self) -> None:
        """Answer no more."""
        self._is_started = False
        self._host.msgbus.unsubscribe(topic=SHARED_RISK, handler=self._answer)
        self._host.msgbus.unsubscribe(topic=SHARED_DAY, handler=self._check_day)

    def check(self) -> None:
        """Check the loss of all strategies, if this one has booked money since the last call."""
        ledger = self._host.manager.ledger
        booked = ledger.day, ledger.day_pnl
        if not self._is_started or ledger.day is None or booked == self._checked:
            return
        self._checked = booked
        # The shares first: each strategy needs all of them.
        request = self._request(ledger.day * DAY_NS)
        self._host.msgbus.publish(topic=SHARED_DAY, msg=request)

    def refusal(self, ts: int, intent: Intent) -> Refusal | None:
        """Return the limit of all strategies together that an entry at a time would break."""
        host = self._host
        most, loss = host.config.max_trades_all, host.config.max_daily_loss_all
        if most is None and loss is None:
            return None
        request = self._request(ts)
        self._check_day(request)
        return shared_refusal(
            request.shares,
            is_new=not host.manager.entries.rivals(intent),
            max_trades=most,
            max_daily_loss=loss,
            is_over=host.total_loss_day == ts // DAY_NS,
        )

    def is_over(self, ts: int) -> bool:
        """Return True if the loss of all strategies on the day of a time has reached its limit."""
        host, limit = self._host, self._host.config.max_daily_loss_all
        if limit is None:
            return False
        return host.total_loss_day == ts // DAY_NS or reaches_loss(self._request(ts).shares, limit)

    def _request(self, ts: int) -> RiskRequest:
        request = RiskRequest(ts)
        self._host.msgbus.publish(topic=SHARED_RISK, msg=request)
        return request

    def _check_day(self, request: RiskRequest) -> None:
        host, day = self._host, request.ts // DAY_NS
        limit = host.config.max_daily_loss_all
        latched = host.total_loss_day
        # A fill of the evening may be booked after midnight: it ends no other day.
        if (latched is not None and latched >= day) or not reaches_loss(request.shares, limit):
            return
        host.total_loss_day = day
        self._report(request.shares)
        if host.config.kill_flatten:
            host.flatten(ExitReason.KILL_SWITCH, DropReason.TOTAL_LOSS)
        else:
            host.stop_entries(DropReason.TOTAL_LOSS)
        host.keep_state("STATE")

    def _report(self, shares: Sequence[RiskShare]) -> None:
        host, total = self._host, total_result(shares)
        limit = host.config.max_daily_loss_all
        text = (
            f"all strategies together, {total:+.2f}, have reached max_daily_loss_all {limit}: no "
            "entries until the next UTC day"
        )
        value = None if total is None else float(total)
        host.alert(host.clock.timestamp_ns(), "TOTAL_LOSS", text, value)

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
