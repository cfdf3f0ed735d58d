"""One position: its fills, its result and what the market did while it was open."""

from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal

from actors.order_records import Fill
from backtests.results.tags import Plan


@dataclass(slots=True)
class Trade:
    """
    Represents one position from the first fill until flat.

    Attributes
    ----------
    position_id : str
        The instrument and the number of the position in the run.
    strategy_id : str
        The strategy.
    instrument_id : str
        The instrument.
    setup : str or None
        The setup that opened it.
    plan : Plan or None
        The prices that its entry was decided on.
    is_long : bool
        The side.
    ts_open, ts_close : int, int or None
        The first and the last fill (ns UTC).
    quantity, open_quantity : Decimal
        What was opened in all, and what is still open.
    entry_value, exit_value, open_cost : Decimal
        Quantity times price of all entry fills, of all exit fills, and of what is open at the
        average price of the lots held.
    realised : Decimal
        Price differences of the exits so far, each against the average price of the lots held.
    fees : Decimal
        The fees in the settlement currency; a rebate is negative.
    payments : list[tuple[int, Decimal]]
        Funding by time (ns UTC), positive where the position paid.
    exit_reason : str or None
        The reason of the order that made it flat.
    fills : list[Fill]
        Its fills, by time.
    lowest, highest : Decimal or None
        The extreme prints between its first and its last fill.
    trade_id : int or None
        The id that its strategy gives it, where it may hold several trades at once.
    entry_cost : Decimal or None
        What its entry paid beyond the middle of the quote in force, in half ticks; negative where
        it was better.

    """

    position_id: str
    strategy_id: str
    instrument_id: str
    setup: str | None
    plan: Plan | None
    is_long: bool
    ts_open: int
    quantity: Decimal = Decimal(0)
    open_quantity: Decimal = Decimal(0)
    entry_value: Decimal = Decimal(0)
    exit_value: Decimal = Decimal(0)
    open_cost: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    ts_close: int | None = None
    exit_reason: str | None = None
    payments: list[tuple[int, Decimal]] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    lowest: Decimal | None = None
    highest: Decimal | None = None
    trade_id: int | None = None
    entry_cost: Decimal | None = None

    @property
    def sign(self) -> int:
        return 1 if self.is_long else -1

    @property
    def entry(self) -> Decimal:
        return self.entry_value / self.quantity

    @property
    def exit(self) -> Decimal | None:
        closed = self.quantity - self.open_quantity
        return self.exit_value / closed if closed else None

    @property
    def gross(self) -> Decimal:
        """Return the result before costs, in the settlement currency."""
        # Exact once flat: no average price, which a division rounds, takes part.
        difference = self.realised if self.open_quantity else self.exit_value - self.entry_value
        return self.sign * difference * self.multiplier

    @property
    def funding(self) -> Decimal:
        """Return the funding paid, negative where more was received."""
        return sum((paid for _, paid in self.payments), Decimal(0))

    @property
    def net(self) -> Decimal:
        """Return the result after fees and funding."""
        return self.gross - self.fees - self.funding

    @property
    def r_price(self) -> Decimal | None:
        """Return the gross result in units of the money between planned entry and stop."""
        return self._in_units(self.gross, self.plan.risk if self.plan else None)

    @property
    def r_costs(self) -> Decimal | None:
        """Return fees and funding in the same units: what they have taken of `r_price`."""
        return self._in_units(self.fees + self.funding, self.plan.risk if self.plan else None)

    @property
    def r_net(self) -> Decimal | None:
        """Return the net result in units of what a stop was planned to lose, costs included."""
        return self._in_units(self.net, self.plan.loss if self.plan else None)

    @property
    def entry_kind(self) -> str:
        """Return MAKER or TAKER by the liquidity of its entry fills, MIXED where they differ."""
        kinds = {"MAKER" if fill.is_maker else "TAKER" for fill in self.fills if self.opens(fill)}
        return kinds.pop() if len(kinds) == 1 else "MIXED"

    @property
    def exits(self) -> int:
        """Return how many orders closed a part of it."""
        return len({fill.client_order_id for fill in self.fills if not self.opens(fill)})

    @property
    def adverse(self) -> Decimal | None:
        """Return the largest move against the average entry price (MAE), not below 0."""
        worst = self.lowest if self.is_long else self.highest
        return None if worst is None else max(self.sign * (self.entry - worst), Decimal(0))

    @property
    def favourable(self) -> Decimal | None:
        """Return the largest move in favour of the average entry price (MFE), not below 0."""
        best = self.highest if self.is_long else self.lowest
        return None if best is None else max(self.sign * (best - self.entry), Decimal(0))

    def held_before(self, ts: int) -> Decimal:
        """Return its open quantity before the fills of a time (ns UTC)."""
        earlier = [fill for fill in self.fills if fill.ts_event < ts]
        signed = (f.quantity * (1 if self.opens(f) else -1) for f in earlier)
        return sum(signed, Decimal(0))

    def opens(self, fill: Fill) -> bool:
        """Return whether a fill of the position makes it larger."""
        return fill.is_buy == self.is_long

    def book(self, fill: Fill) -> None:
        """
        Add a fill.

        Raises
        ------
        RuntimeError
            If it closes more than is open.

        """
        quantity, price = fill.quantity, fill.price
        self.fills.append(fill)
        self.fees += fill.fee
        if self.opens(fill):
            self.quantity += quantity
            self.open_quantity += quantity
            self.entry_value += quantity * price
            self.open_cost += quantity * price
            return
        if quantity > self.open_quantity:
            raise RuntimeError(
                f"fill {fill.trade_id}: {quantity} closes more than the open {self.open_quantity}"
            )
        average = self.open_cost / self.open_quantity
        self.realised += (price - average) * quantity
        self.open_quantity -= quantity
        # Flat costs nothing, and not what a rounded average left over.
        self.open_cost = self.open_cost - average * quantity if self.open_quantity else Decimal(0)
        self.exit_value += quantity * price

    def _in_units(self, money: Decimal, unit: Decimal | None) -> Decimal | None:
        if self.ts_close is None or unit is None:
            return None
        return money / (unit * self.quantity * self.multiplier)


def fill_order(fill: Fill) -> tuple[int, int, str]:
    """Return the place of a fill in a run: by time, and then by the venue's number of it."""
    # The simulated venue numbers its fills; a text order would put 10 before 9.
    digits = fill.trade_id.rsplit("-", 1)[-1]
    return fill.ts_event, int(digits) if digits.isdigit() else 0, fill.trade_id
