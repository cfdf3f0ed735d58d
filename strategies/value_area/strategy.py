"""The value-area strategy: minutes in, intents out."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from actors.messages import Decision
from actors.messages import Message
from actors.messages import MinuteFootprint
from actors.messages import ValueAreaMinute
from strategies.common.alert_throttle import AlertThrottle
from strategies.common.intents import Action
from strategies.common.intents import Intent
from strategies.common.nautilus.strategy import FIRST
from strategies.common.nautilus.strategy import TradingStrategy
from strategies.common.reasons import DropReason
from strategies.common.trade_params import MINUTE_NS
from strategies.value_area.config import ValueAreaStrategyConfig
from strategies.value_area.engine import Signal
from strategies.value_area.engine import SignalEngine
from strategies.value_area.engine import read_engine_state
from strategies.value_area.inputs import minute_from_row
from strategies.value_area.reasons import AreaReason
from strategies.value_area.setups import Candidate


class ValueAreaStrategy(TradingStrategy):
    """
    Trades break-ins, failed breakouts and accepted breakouts of the rolling value area.

    Each minute's `ValueAreaMinute` goes through the signal engine, and what wins there is handed to
    the trade manager: limit entry at the close of the minute, given up when its stop or its last
    target trades before its first fill; stop at the venue from the first fill on, two targets, time
    stop, flip. A breakout counts as taken when its entry or its flip is
    sent, whether or not it is filled.

    Parameters
    ----------
    config : ValueAreaStrategyConfig
        The configuration.

    """

    def __init__(self, config: ValueAreaStrategyConfig) -> None:
        super().__init__(config)
        self.engine: SignalEngine | None = None
        self._resumed_after: int | None = None
        self._footprint: MinuteFootprint | None = None
        self._seen: Counter[str] = Counter()
        self._invalid = AlertThrottle()
        self._ambiguous = AlertThrottle()

    def on_start(self) -> None:
        super().on_start()
        self._params = self.config.signal_params(self.units.lot)
        if dead := self._params.dead_thresholds():
            self.notices[dead_text(dead)] = 1
        self.engine = SignalEngine(self._params)
        self._resumed_after = self._resume_signals()
        for cls in (MinuteFootprint, ValueAreaMinute):
            # Before what writes it down: an order is not to wait for that.
            self.msgbus.subscribe(topic=cls.topic(), handler=self.handle_data, priority=FIRST)

    def signal_state(self) -> dict[str, Any] | None:
        """Return the state of the signal engine; before its start that of the last run."""
        return self.restored_signals if self.engine is None else self.engine.snapshot()

    def check_signal_state(self, state: Any) -> None:
        """Refuse a state of which the signal engine cannot go on; None is that of no engine yet."""
        if state is not None:
            read_engine_state(state)

    def on_data_gap(self, ts: int) -> None:
        # What had begun before the gap may have ended within: it is not gone on with.
        self.engine = SignalEngine(self._params)

    def on_data(self, data: Message) -> None:
        if data.instrument_id != self.config.instrument_id:
            return
        if isinstance(data, MinuteFootprint):
            self._footprint = data
        elif isinstance(data, ValueAreaMinute):
            self._on_minute(data)

    def _on_minute(self, row: ValueAreaMinute) -> None:
        self.count_close(warm=row.warm)
        if self.warm and not row.warm:
            # The quotes are silent: an entry would wait for a market that nobody sees.
            self.stop_entries(DropReason.STALE)
        if self.engine is None or self._is_before_restart(row.ts_min):
            return
        footprint = self._footprint
        if footprint is None or footprint.ts_min != row.ts_min:
            raise RuntimeError(f"no footprint came with the minute {row.ts_min}")
        minute = minute_from_row(
            row.columns(),
            footprint.ticks,
            self.units.tick,
            self.units.lot,
            self._params,
        )
        signal = self.engine.on_minute(minute)
        self._count(row, signal)
        candidate = signal.best
        in_trade = self.manager.trade is not None
        decision, quantity = self.decide(
            row.ts_event + 1,
            None if minute.bar is None else minute.bar.close,
            None if candidate is None else _intent(candidate),
            warm=row.warm,
        )
        why = None if decision.reason is None else str(decision.reason)
        if decision.action in (Action.ENTER_LONG, Action.ENTER_SHORT):
            action, why = ("FLIP" if in_trade else "ENTER"), None
            if candidate is not None:
                self.engine.take(candidate)
        elif decision.action is Action.EXIT:
            action = "EXIT"
        else:
            action = "HOLD" if decision.reason is None else "REFUSE"
        size = None if quantity is None else float(quantity)
        self._afterwards.do(partial(self._publish, row, signal, action, why, size))
        self._alert_conditions(row)

    def _resume_signals(self) -> int | None:
        state = self.restored_signals
        if state is None or self.engine is None:
            return None
        self.engine.restore(state)
        last: int | None = state["last_ts_min"]
        return last

    def _is_before_restart(self, ts_min: int) -> bool:
        last = self._resumed_after
        if last is None or self.engine is None:
            return False
        if ts_min <= last:
            return True
        self._resumed_after = None
        if ts_min > last + MINUTE_NS:
            # Closes were missed: a sequence that may have ended meanwhile is not gone on with.
            self.engine = SignalEngine(self._params)
        return False

    def describe_progress(self) -> list[str]:
        seen = self._seen
        lines = [
            f"The value area was not valid in {seen[code]:,} minutes ({code}): {code.meaning}"
            for code in AreaReason
            if seen[code]
        ]
        lines.append(
            f"Of {seen['minutes']:,} minutes with trades and a value area, {seen['wicks']:,} "
            f"traded beyond an edge and {seen['closes']:,} closed there. {seen['START']:,} of "
            f"these began a breakout; {seen['ACCEPTED']:,} were accepted (accept_outside_k closes, "
            f"crossing_mode), {seen['PENDING_RETEST']:,} waited for a retest (enable_retest_mode), "
            f"{seen['RESET_INSIDE']:,} failed with a close inside. A signal needs order flow "
            "(of_…) and imbalance (qimb_…) as well."
        )
        return lines

    def _count(self, row: ValueAreaMinute, signal: Signal) -> None:
        seen = self._seen
        # UP and DOWN of the trackers count together.
        seen.update(event.partition("_")[2] for event in signal.events)
        if row.va_reason is not None:
            seen[row.va_reason] += 1
            return
        vah, val = row.vah, row.val
        if row.high is None or row.low is None or row.close is None or vah is None or val is None:
            return
        seen["minutes"] += 1
        seen["wicks"] += row.high > vah or row.low < val
        seen["closes"] += row.close > vah or row.close < val

    def _alert_conditions(self, row: ValueAreaMinute) -> None:
        ts, share = row.ts_event + 1, row.ambiguous_trade_frac_1m
        if self._invalid.is_due(ts, row.warm and not row.va_valid):
            self.alert(ts, "VA_INVALID", f"the value area is not valid: {row.va_reason}")
        limit = self.config.ambiguous_trade_frac_max
        if self._ambiguous.is_due(ts, row.warm and share > limit):
            self.alert(
                ts, "HIGH_AMBIGUITY", f"{share:.0%} of the volume without a clear side", share
            )

    def _publish(
        self,
        row: ValueAreaMinute,
        signal: Signal,
        action: str,
        why: str | None,
        quantity: float | None,
    ) -> None:
        candidate, tick = signal.best, self.units.tick
        first = None if candidate is None else candidate.tp1_half
        message = Decision(
            self.config.instrument_id,
            row.ts_event,
            max(self.clock.timestamp_ns(), row.ts_event),
            strategy_id=self.id.value,
            ts_min=row.ts_min,
            reason=str(signal.reason),
            flags=",".join(signal.flags),
            events=",".join(signal.events),
            setup=candidate.tag if candidate else None,
            side=("BUY" if candidate.is_long else "SELL") if candidate else None,
            entry=float(candidate.entry * tick) if candidate else None,
            stop=float(candidate.stop * tick) if candidate else None,
            tp1=None if first is None else float(first * tick / 2),
            tp2=float(candidate.tp2 * tick) if candidate else None,
            quantity=quantity,
            action=action,
            why=why,
        )
        self.publish_data(message.data_type, message)


def dead_text(dead: Sequence[str]) -> str:
    """Return which thresholds decide instead of those without effect, and what to set."""
    absolute = ", ".join(name.removesuffix("_norm") for name in dead)
    return (
        f"Order flow is tested by {absolute} alone: passing one of two thresholds is enough, and "
        f"{', '.join(dead)} (shares of the volume) are the stricter. To test by the share, set "
        f"{absolute} to null."
    )


def _intent(candidate: Candidate) -> Intent:
    return Intent(
        is_long=candidate.is_long,
        entry=candidate.entry,
        stop=candidate.stop,
        tag=candidate.tag,
        tp1_half=candidate.tp1_half,
        tp2=candidate.tp2,
        boundary=candidate.boundary,
    )
