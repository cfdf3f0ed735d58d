"""Share the results of trades among the strategies of one set of capital tiers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct

from actors.messages.tiers import TierChanged
from strategies.common.capital_tiers import TierChange
from strategies.common.capital_tiers import TierState
from strategies.common.ledger import DAY_NS
from strategies.common.nautilus.host import StrategyHost
from strategies.common.nautilus.shared_limits import SHARED_RISK
from strategies.common.shared_risk import RiskRequest
from strategies.common.shared_risk import RiskShare
from strategies.common.tier_params import TierParams


TIER_RESULTS = "tiers.results"
TIER_STATES = "tiers.states"


class TierResult(Struct, frozen=True, kw_only=True):
    """
    Represents the net result of a closed trade.

    Parameters
    ----------
    ts : int
        When it closed (ns UTC).
    net : Decimal
        Its result after all costs, in the settlement currency.

    """

    ts: int
    net: Decimal


class TierResults:
    """
    Publishes the results of its strategy, and receives those of all, over the message bus.

    The strategies of a node share the result of the day and their flatness by `RiskRequest`.

    Parameters
    ----------
    host : StrategyHost
        The strategy.
    on_result : Callable[[TierResult], None]
        Receives each result, also those of the strategy itself.
    on_state : Callable[[TierState], None]
        Receives the states of tiers, also its own.

    """

    def __init__(
        self,
        host: StrategyHost,
        on_result: Callable[[TierResult], None],
        on_state: Callable[[TierState], None],
    ) -> None:
        self._host = host
        self._on_result = on_result
        self._on_state = on_state
        self._day_pnl: tuple[int, Decimal] | None = None

    def start(self) -> None:
        """Receive results."""
        self._host.msgbus.subscribe(topic=TIER_RESULTS, handler=self._take)
        self._host.msgbus.subscribe(topic=TIER_STATES, handler=self._on_state)

    def stop(self) -> None:
        """Receive no more."""
        self._host.msgbus.unsubscribe(topic=TIER_RESULTS, handler=self._take)
        self._host.msgbus.unsubscribe(topic=TIER_STATES, handler=self._on_state)

    def publish(self, result: TierResult) -> None:
        """Publish a result to all strategies, this one included."""
        self._host.msgbus.publish(topic=TIER_RESULTS, msg=result)

    def publish_state(self, state: TierState) -> None:
        """Publish the state of the tiers to all strategies."""
        self._host.msgbus.publish(topic=TIER_STATES, msg=state)

    def refresh(self) -> None:
        """Query the result of the day anew at the next request."""
        self._day_pnl = None

    def day_pnl(self, ts: int) -> Decimal:
        """Return the realised result of all strategies on the UTC day of a time (ns)."""
        day = ts // DAY_NS
        if self._day_pnl is None or self._day_pnl[0] != day:
            total = sum((share.day_pnl for share in self._shares(ts)), Decimal(0))
            self._day_pnl = (day, total)
        return self._day_pnl[1]

    def are_all_flat(self, ts: int) -> bool:
        """Return True if no strategy has a trade at a time (ns UTC)."""
        return not any(share.trades for share in self._shares(ts))

    def _shares(self, ts: int) -> list[RiskShare]:
        request = RiskRequest(ts)
        self._host.msgbus.publish(topic=SHARED_RISK, msg=request)
        return request.shares

    def _take(self, result: TierResult) -> None:
        self._day_pnl = None
        self._on_result(result)


def tier_changed(
    instrument_id: Any, strategy_id: str, change: TierChange, params: TierParams, ts_init: int
) -> TierChanged:
    """
    Return the message about the change of a tier.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument of the strategy.
    strategy_id : str
        The strategy.
    change : TierChange
        The change.
    params : TierParams
        The tiers.
    ts_init : int
        The present time (ns UTC).

    """
    old, new = params.tiers[change.from_tier], params.tiers[change.to_tier]
    return TierChanged(
        instrument_id,
        change.ts,
        max(ts_init, change.ts),
        strategy_id=strategy_id,
        from_tier=change.from_tier + 1,
        to_tier=change.to_tier + 1,
        from_name=old.name,
        to_name=new.name,
        from_root=old.root,
        to_root=new.root,
        balance=float(change.balance),
        max_contracts=new.max_contracts,
        daily_loss_limit=float(new.daily_loss_limit),
    )


def change_text(message: TierChanged) -> str:
    """Return the change of a tier in words, for an alert."""
    left = f"{message.from_name} ({message.from_root})"
    entered = f"{message.to_name} ({message.to_root})"
    return f"{left} -> {entered} at {message.balance:,.2f}"
