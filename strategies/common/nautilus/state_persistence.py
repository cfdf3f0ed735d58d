"""Save the state of a strategy in the journal, and restore it after a restart."""

from collections.abc import Callable
from typing import Any

import msgspec

from actors.messages import StateSnapshot
from actors.requests import LAST_SNAPSHOT
from actors.requests import SnapshotRequest
from errors import AuctionError
from strategies.common.book_state import of_one_manager
from strategies.common.missed_fills import Recovery
from strategies.common.nautilus.host import AlarmEvent
from strategies.common.nautilus.host import StateHost
from strategies.common.nautilus.order_router import OrderRouter
from strategies.common.nautilus.recovery import VenueState
from strategies.common.nautilus.recovery import recover_from
from strategies.common.nautilus.saved_state import SCHEMA
from strategies.common.nautilus.saved_state import StrategyState
from strategies.common.nautilus.saved_state import read_state
from strategies.common.nautilus.saved_state import seal
from strategies.common.nautilus.saved_state import write_state
from strategies.common.nautilus.venue_account import query_venue


SNAPSHOT_NS = 5 * 60_000_000_000
# Entries go on by themselves only after a short absence.
FRESH_NS = 10 * 60_000_000_000
MINUTE_NS = 60_000_000_000
IDENTITY = ("schema", "strategy_id", "instrument_id", "tick", "lot")


class StatePersistence:
    """
    Publishes the state of one strategy, and recovers it.

    The management of an open trade goes on by itself after a restart. Entries do only if the last
    state was active and is at most 10 minutes old, nothing at the venue is unexplained and no
    foreign order works there; else the strategy observes until an operator activates it, and an
    alert gives the reason. The last state is checked as a whole before anything is restored from
    it: one that is damaged, contradicts itself, or is of another schema, instrument, tick or lot
    size is refused, and what the venue has is protected and halted.

    Parameters
    ----------
    strategy : StateHost
        The strategy, on its start, with its trade book made.
    router : OrderRouter
        Its orders.
    loaded : bytes or None
        A state that Nautilus has kept.
    check_signals : Callable[[Any], None], optional
        Raises AuctionError for signals that the strategy cannot go on from.

    """

    def __init__(
        self,
        strategy: StateHost,
        router: OrderRouter,
        loaded: bytes | None,
        check_signals: Callable[[Any], None] | None = None,
    ) -> None:
        self._strategy = strategy
        self._router = router
        self._loaded = loaded
        self._check_signals = check_signals
        self._is_journaled = LAST_SNAPSHOT in strategy.msgbus.endpoints()
        self._type = StateSnapshot.type_for(strategy.config.instrument_id)
        self._known = self._identity()

    def start_timer(self) -> None:
        """Publish the state now and then, whether or not it changes."""
        if self._is_journaled:
            self._strategy.clock.set_timer_ns(
                name=f"{self._strategy.id}-SNAPSHOT",
                interval_ns=SNAPSHOT_NS,
                start_time_ns=0,
                stop_time_ns=0,
                callback=self._on_timer,
            )

    def encoded(self) -> bytes:
        """Return the whole state as JSON."""
        strategy = self._strategy
        book = strategy.manager.state()
        trades = [
            trade
            for manager in book.managers
            for trade in (manager.previous, manager.trade)
            if trade is not None
        ]
        # That of one manager has neither the ids of later trades nor the exits of each setup.
        is_one = len(book.managers) == 1 and book == of_one_manager(book.managers[0])
        client_ids = {
            order.command.order_id: self._router.client_id(order.command.order_id)
            for trade in trades
            for order in trade.orders
        }
        return write_state(
            StrategyState(
                **self._known,
                ts=strategy.clock.timestamp_ns(),
                active=strategy.active,
                funded_until=strategy.funded_until_ns,
                total_loss_day=strategy.total_loss_day or msgspec.UNSET,
                manager=book.managers[0] if is_one else msgspec.UNSET,
                book=msgspec.UNSET if is_one else book,
                orders={name: value for name, value in client_ids.items() if value is not None},
                signals=strategy.signal_state(),
            )
        )

    def publish(self, cause: str) -> None:
        """Publish the state for the journal, if there is one."""
        if not self._is_journaled:
            return
        strategy = self._strategy
        ts = strategy.clock.timestamp_ns()
        message = StateSnapshot(
            strategy.config.instrument_id,
            ts,
            ts,
            strategy_id=strategy.id.value,
            cause=cause,
            state=seal(self.encoded()).decode(),
        )
        strategy.publish_data(self._type, message)

    def recover(self) -> tuple[StrategyState | None, Recovery]:
        """
        Restore the strategy's trades, and bring it and the venue together.

        Returns
        -------
        tuple[StrategyState or None, Recovery]
            The state gone on from, and what is to be sent now.

        """
        strategy = self._strategy
        ts = strategy.clock.timestamp_ns()
        state, failure = self._find()
        tags = f"-{strategy.trader_id.get_tag()}-{strategy.id.get_tag()}-"
        venue = VenueState(
            strategy.cache,
            strategy.config.instrument_id,
            strategy.units,
            self._router,
            tags,
            query_venue(strategy),
        )
        share = strategy.config.emergency_stop_pct
        result = recover_from(strategy.manager, venue, state, ts, share)
        strategy.funded_until_ns = ts
        if state is not None:
            # A state without this field is older than the field.
            strategy.funded_until_ns = state.funded_until or state.ts
            strategy.total_loss_day = state.total_loss_day or None
        unclaimed = venue.unclaimed_orders(strategy.id)
        if unclaimed:
            text = (
                f"events of {', '.join(unclaimed[:5])} are not delivered: put "
                f"{strategy.config.instrument_id} into external_order_claims of the strategy"
            )
            strategy.alert(ts, "ORDERS_UNCLAIMED", text, float(len(unclaimed)))
        self._report(ts, state, failure, result, [*venue.foreign_orders(), *unclaimed])
        return state, result

    def load(self) -> StrategyState | None:
        """Return the state that Nautilus has kept; None without one, or where it is refused."""
        try:
            return None if self._loaded is None else self._read(self._loaded)
        except AuctionError as e:
            self._report_refusal(self._strategy.clock.timestamp_ns(), str(e))
            return None

    def _find(self) -> tuple[StrategyState | None, str]:
        texts: list[str | bytes] = []
        failure = ""
        if self._is_journaled:
            request = SnapshotRequest(self._strategy.id.value)
            self._strategy.msgbus.send(LAST_SNAPSHOT, request)
            if request.failure is not None:
                failure = f"the journal cannot be read: {request.failure}"
            if request.state is not None:
                texts.append(request.state)
        if self._loaded is not None:
            texts.append(self._loaded)
        try:
            # Which one is the latest is not known while one of them cannot be read.
            states = [self._read(text) for text in texts]
        except AuctionError as e:
            return None, str(e)
        return max(states, key=lambda state: state.ts, default=None), failure

    def _read(self, text: str | bytes) -> StrategyState:
        state = read_state(text)
        for name in IDENTITY:
            found, own = getattr(state, name), self._known[name]
            if found != own:
                raise AuctionError(f"its {name} is {found}, this strategy has {own}")
        if self._check_signals is not None:
            self._check_signals(state.signals)
        return state

    def _identity(self) -> dict[str, Any]:
        strategy = self._strategy
        return {
            "schema": SCHEMA,
            "strategy_id": strategy.id.value,
            "instrument_id": strategy.config.instrument_id.value,
            "tick": str(strategy.units.tick),
            "lot": str(strategy.units.lot),
        }

    def _report_refusal(self, ts: int, failure: str) -> None:
        self._strategy.alert(ts, "STATE_REFUSED", f"the last state is not used: {failure}")

    def _report(
        self,
        ts: int,
        state: StrategyState | None,
        failure: str,
        result: Recovery,
        foreign: list[str],
    ) -> None:
        strategy = self._strategy
        if failure:
            self._report_refusal(ts, failure)
        if foreign:
            text = f"orders not under our control work there: {', '.join(foreign[:5])}"
            strategy.alert(ts, "FOREIGN_ORDERS", text, float(len(foreign)))
        for note in result.notes:
            strategy.log.warning(f"Recovery: {note}")
        if state is None and not (failure or foreign or result.mismatch or result.commands):
            return
        reason = result.mismatch or _why_not(state, ts)
        if not reason and (foreign or failure):
            reason = "orders not under our control work there" if foreign else failure
        strategy.active = not reason
        if reason:
            strategy.alert(ts, "OBSERVATION", f"enters nothing after the restart: {reason}")

    def _on_timer(self, _: AlarmEvent) -> None:
        self.publish("PERIODIC")


def _why_not(state: StrategyState | None, ts: int) -> str:
    if state is None:
        return "there is no state to go on from"
    if not state.active:
        return "it was in observation before"
    if any(manager.halted for manager in state.book_state().managers):
        return "it was halted before"
    age = abs(ts - state.ts)
    return f"the last state is {age // MINUTE_NS} minutes old" if age > FRESH_NS else ""
