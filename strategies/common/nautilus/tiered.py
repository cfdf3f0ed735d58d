"""A trading strategy with capital tiers, margin protection and a budget of the day."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import ClassVar

from actors.messages import Message
from actors.messages.tiers import TierChanged
from catalog.day_margins import BUILT_IN
from catalog.day_margins import read_day_margins
from errors import AuctionError
from strategies.common.capital_tiers import CapitalTiers
from strategies.common.capital_tiers import TierChange
from strategies.common.capital_tiers import TierState
from strategies.common.day_budget import DayBudget
from strategies.common.day_budget import affordable_contracts
from strategies.common.day_budget import may_still_enter
from strategies.common.day_budget import open_result
from strategies.common.gate import Refusal
from strategies.common.intents import Intent
from strategies.common.intents import SizeHints
from strategies.common.ledger import DAY_NS
from strategies.common.margin_protection import MarginGuard
from strategies.common.margin_protection import MarginSource
from strategies.common.nautilus.shared_limits import SHARED_DAY
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.nautilus.tier_results import TierResult
from strategies.common.nautilus.tier_results import TierResults
from strategies.common.nautilus.tier_results import change_text
from strategies.common.nautilus.tier_results import tier_changed
from strategies.common.nautilus.tiered_config import TieredConfig
from strategies.common.nautilus.tiered_config import root_of
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason
from strategies.common.records import TradeClosed
from strategies.common.shared_risk import RiskRequest
from strategies.common.sizing import PositionSize
from strategies.common.sizing import SizeRefusal


ZERO = Decimal(0)
NO_HINTS = SizeHints()


class TieredStrategy(TradingStrategy):
    """
    Sizes trades by capital tiers, and refuses what the budget of the day or the margin rule out.

    One strategy runs for each contract of the tiers. All receive the net result of each trade, so
    that their tiers and streaks are equal, and at the start the state that has counted most; only
    the strategy of the tier's contract enters. A machine gives the part of the setup in the size as
    `Intent.size_hints`. A system implements `check_machine_state` in place of
    `check_signal_state`.

    Parameters
    ----------
    config : TieredConfig
        The configuration.

    Attributes
    ----------
    tiers : CapitalTiers or None
        The capital tiers; None without any.

    """

    PUBLISHES: ClassVar[tuple[type[Message], ...]] = (*TradingStrategy.PUBLISHES, TierChanged)

    def __init__(self, config: TieredConfig) -> None:
        super().__init__(config)
        self.tiers = None if config.tiers is None else CapitalTiers(config.tiers)
        self._root = root_of(config.instrument_id.symbol.value)
        self._day = DayBudget(config.daily_profit_target, counts_open_loss=config.count_open_loss)
        self._guard: MarginGuard | None = None
        self._results: TierResults | None = None
        self._is_ready = False
        # Those of trades that a restart has found closed, before the tiers are restored.
        self._early: list[TierResult] = []

    def on_start(self) -> None:
        config = self.config
        protection = config.margin_protection
        if protection is not None:
            self._guard = MarginGuard(protection, self._root, self._margin)
        self._results = TierResults(self, self._on_result, self._on_state)
        self._results.start()
        super().on_start()
        if self.machine is None:
            self.restore_signals(self._restored)
        self._restore_tiers()
        self._is_ready = True
        self._check_margin(self._now())
        self.msgbus.subscribe(topic=SHARED_DAY, handler=self._on_booked)
        self._hold_limits(self._now())

    def on_stop(self) -> None:
        super().on_stop()
        self.msgbus.unsubscribe(topic=SHARED_DAY, handler=self._on_booked)
        if self._results is not None:
            self._results.stop()

    def on_data(self, data: Message) -> None:
        if data.instrument_id == self.config.instrument_id:
            self._settle(self._now())
        super().on_data(data)

    def entry_refusal(self, ts: int, intent: Intent) -> Refusal | None:
        self._settle(ts)
        self._check_margin(ts)
        tiers = self.tiers
        if tiers is not None and tiers.is_started:
            if tiers.is_halted:
                return Refusal.CAPITAL_GONE
            if not tiers.trades(self._root):
                return Refusal.OTHER_CONTRACT
        stop = self._check_day(ts)
        guarded = None if self._guard is None else self._guard.refusal
        return stop or guarded

    def size(self, intent: Intent) -> PositionSize:
        hints = intent.size_hints or NO_HINTS
        if self.tiers is not None:
            if not self.tiers.is_started:
                return PositionSize(lots=0, reason=SizeRefusal.NO_MARGIN)
            contracts = self.tiers.contracts(hints.bonus)
        else:
            contracts = max(1, int(self.config.contracts * hints.multiplier))
        limit = self._loss_limit
        if self.config.fit_last_trade and limit is not None:
            remaining = limit + self._realised(self._now()) + min(ZERO, self._open_result())
            money = self.units.tick_money
            contracts = affordable_contracts(intent, contracts, money, remaining)
            if contracts < 1:
                return PositionSize(lots=0, reason=SizeRefusal.DAY_BUDGET)
        return self.account.size_contracts(intent, self.manager.params, contracts)

    def on_trade_closed(self, closed: TradeClosed, trade_id: int) -> None:
        super().on_trade_closed(closed, trade_id)
        if self._results is not None:
            self._results.publish(TierResult(ts=closed.ts_close, net=closed.net))

    def on_print(self, ts: int, price: int) -> None:
        super().on_print(ts, price)
        if self.config.count_open_loss and self.config.kill_flatten and self.manager.trades:
            self._hold_limits(ts, price)

    def check_machine_state(self, state: Any) -> None:
        """
        Refuse a state that the machine cannot go on from; nothing is changed.

        Raises
        ------
        AuctionError
            If it is damaged or of another version.

        """

    def check_signal_state(self, state: Any) -> None:
        if state is None:
            return
        if not isinstance(state, dict) or set(state) != {"machine", "tiers", "day"}:
            raise AuctionError("state of the strategy: no machine, tiers and day")
        if state["tiers"] is not None and self.config.tiers is not None:
            CapitalTiers(self.config.tiers).restore(state["tiers"])
        DayBudget(None, counts_open_loss=False).restore(state["day"])
        self.check_machine_state(state["machine"])

    def signal_state(self) -> Any:
        if not self._is_ready:
            return self._restored
        machine = None if self.machine is None else self.machine.snapshot()
        tiers = None if self.tiers is None else self.tiers.snapshot()
        return {"machine": machine, "tiers": tiers, "day": self._day.snapshot()}

    def restore_signals(self, state: Any) -> Any:
        if state is None:
            return None
        self._day.restore(state["day"])
        if self.tiers is not None and state["tiers"] is not None:
            self.tiers.restore(state["tiers"])
        return state["machine"]

    @property
    def _loss_limit(self) -> Decimal | None:
        if self.tiers is not None and self.tiers.is_started:
            return self.tiers.tier.daily_loss_limit
        limit: Decimal | None = self.config.max_daily_loss
        return limit

    def _start_tiers(self) -> None:
        tiers = self.tiers
        if tiers is None or tiers.is_started:
            return
        assigned = tiers.params.starting_balance
        balance = self.account.equity() if assigned is None else assigned
        if balance is not None:
            tiers.start(balance)

    def _restore_tiers(self) -> None:
        self._start_tiers()
        early, self._early = self._early, []
        for result in early:
            self._on_result(result)
        if self.tiers is not None and self.tiers.is_started and self._results is not None:
            self._results.publish_state(self.tiers.state)

    def _on_state(self, state: TierState) -> None:
        tiers = self.tiers
        if tiers is None or not tiers.is_started or self._results is None:
            return
        if tiers.adopt(state):
            self.keep_state("STATE")
        elif state.results < tiers.state.results:
            self._results.publish_state(tiers.state)

    def _settle(self, ts: int) -> None:
        tiers = self.tiers
        if tiers is None or self._results is None:
            return
        self._start_tiers()
        if not tiers.is_started:
            return
        is_flat = self._results.are_all_flat(ts)
        balance = self.account.equity() if tiers.params.starting_balance is None else None
        if balance is not None:
            self._changed(tiers.on_balance(ts, balance, is_flat=is_flat))
        else:
            self._changed(tiers.settle(ts, is_flat=is_flat))

    def _on_result(self, result: TierResult) -> None:
        tiers = self.tiers
        if tiers is not None and not tiers.is_started:
            self._early.append(result)
        elif tiers is not None and self._results is not None:
            # While its trade is still in the book another contract waits for the next bar.
            is_flat = self._results.are_all_flat(result.ts)
            self._changed(tiers.on_result(result.ts, result.net, is_flat=is_flat))

    def _changed(self, change: TierChange | None) -> None:
        tiers = self.tiers
        if change is None or tiers is None:
            return
        self.keep_state("STATE")
        if change.to_root != self._root:
            return
        message = tier_changed(
            self.config.instrument_id, self.id.value, change, tiers.params, self._now()
        )
        self.publish(message)
        self.alert(change.ts, "TIER_CHANGE", change_text(message), message.balance)

    def _on_booked(self, _: RiskRequest) -> None:
        # A strategy of the node has booked money; its result has reached the tiers before.
        self._hold_limits(self._now())

    def _hold_limits(self, ts: int, price: int | None = None) -> None:
        # The first to see that a limit is reached may have been an entry that it refused.
        stop = self._check_day(ts, price)
        if not (trades := self.manager.trades.values()):
            return
        is_gone = self.tiers is not None and self.tiers.is_started and self.tiers.is_halted
        if stop is Refusal.DAY_LOSS and self.config.kill_flatten:
            if any(trade.close_reason is None for trade in trades):
                self.flatten(ExitReason.KILL_SWITCH, DropReason.KILL_SWITCH, ts)
        elif (is_gone or stop) and any(may_still_enter(trade) for trade in trades):
            is_earned = stop is Refusal.DAY_TARGET and not is_gone
            self.stop_entries(DropReason.PROFIT_TARGET if is_earned else DropReason.KILL_SWITCH)

    def _check_day(self, ts: int, price: int | None = None) -> Refusal | None:
        if price is None and self._results is not None:
            self._results.refresh()
        realised, result, before = self._realised(ts), self._open_result(price), self._day.ended
        stop = self._day.check(ts // DAY_NS, self._loss_limit, realised, result)
        if self._day.ended != before:
            self.keep_state("STATE")
            tiers = self.tiers
            alert = self._day.alert(realised, result, self._loss_limit, self.manager.ledger.stop)
            # Only the strategy whose contract is traded reports it.
            if alert and (tiers is None or not tiers.is_started or tiers.trades(self._root)):
                self.alert(ts, *alert)
        return stop

    def _realised(self, ts: int) -> Decimal:
        return ZERO if self._results is None else self._results.day_pnl(ts)

    def _open_result(self, price: int | None = None) -> Decimal:
        bid, ask = (price, price) if price is not None else self._bid_and_ask()
        return open_result(self.manager.trades.values(), bid, ask)

    def _check_margin(self, ts: int) -> None:
        alert = None if self._guard is None else self._guard.check(ts)
        if alert is not None:
            self.alert(alert.ts, alert.kind, alert.text, alert.value)

    def _margin(self, ts: int) -> Decimal | None:
        if self.config.margin_protection.source is MarginSource.ACCOUNT:
            return self.account.contract_margin(self._bid_and_ask()[0])
        path = self.config.margin_file
        return read_day_margins(BUILT_IN if path is None else Path(path)).margin(self._root, ts)
