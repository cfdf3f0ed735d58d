"""The venue behind the sockets: market, matching engine and clock."""

import time
from decimal import Decimal

from adapters.bybit.loopback.account_settings import AccountSettings
from adapters.bybit.loopback.checks import INVALID
from adapters.bybit.loopback.contract import LinearContract
from adapters.bybit.loopback.market import NS_PER_MS
from adapters.bybit.loopback.market import Market
from adapters.bybit.loopback.matching import MatchingEngine
from adapters.bybit.loopback.orders import VenueError
from adapters.bybit.loopback.tape import Event
from adapters.bybit.loopback.tape import Quote
from adapters.bybit.loopback.tape import Trade


class Venue:
    """
    Takes the events of a tape and the requests of a client.

    Parameters
    ----------
    contract : LinearContract
        The contract.
    balance, leverage : Decimal
        Starting balance and leverage of the account.
    seed : int
        For the ids of orders and executions.
    clock_offset_ms : int
        The lead of the venue's clock over this machine's (ms).

    """

    def __init__(
        self,
        contract: LinearContract,
        balance: Decimal,
        leverage: Decimal,
        seed: int,
        clock_offset_ms: int,
    ) -> None:
        self.contract = contract
        self.market = Market(contract)
        self.settings = AccountSettings()
        self.engine = MatchingEngine(contract, balance, leverage, seed)
        self.clock_offset_ms = clock_offset_ms
        self.is_shifted = False
        self.as_recorded = False
        self.last_event_ns = 0

    def clock_ns(self) -> int:
        """Return the time of the venue's clock, against which requests are checked (ns UTC)."""
        return time.time_ns() + self.clock_offset_ms * NS_PER_MS

    def clock_ms(self) -> int:
        """Return the time of the venue's clock (ms UTC)."""
        return self.clock_ns() // NS_PER_MS

    def matching_ns(self) -> int:
        """Return the time of a new order: that of the tape, or the clock if the tape is shifted."""
        is_live = self.is_shifted or not self.last_event_ns
        return max(self.clock_ns(), self.last_event_ns) if is_live else self.last_event_ns

    def apply(self, event: Event) -> None:
        """
        Take an event of the tape, after the funding payments due before it.

        A recording has its events in the order of arrival: a late one is handled when it comes.

        Raises
        ------
        VenueError
            If it is earlier than the previous one, and the tape is no recording.

        """
        if event.ts_ns < self.last_event_ns and not self.as_recorded:
            raise VenueError(INVALID, f"tape goes back to {event.ts_ns} ns: sort it by time")
        now_ns = self.last_event_ns = max(event.ts_ns, self.last_event_ns)
        for due_ns in self.market.due_fundings(now_ns):
            self.settle_funding(due_ns)
        self.market.take(event)
        if isinstance(event, Quote):
            self.engine.on_quote(
                now_ns,
                event.bid,
                event.bid_size,
                event.ask,
                event.ask_size,
            )
        elif isinstance(event, Trade):
            self.engine.on_trade(now_ns, event.price, event.size, event.side)

    def settle_funding(self, ts_ns: int, rate: Decimal | None = None) -> Decimal:
        """Settle the current funding rate, or a given one; return the amount paid."""
        paid_rate = self.market.rate if rate is None else rate
        self.market.paid_rates.append((ts_ns // NS_PER_MS, paid_rate))
        return self.engine.settle_funding(ts_ns, paid_rate)
