"""Evaluates points of a system without Nautilus's engine, equal to a run in every fill."""

from collections.abc import Hashable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.definitions import read_instrument
from catalog.layout import END_OF_TIME
from configs.loader import RunConfig
from errors import AuctionError
from research.evaluation import EvaluatedDecision
from research.evaluation import EvaluatedFill
from research.evaluation import EvaluatedTrade
from research.evaluation import Evaluation
from research.evaluator.bus import EvaluatedBus
from research.evaluator.clock import EvaluatedClock
from research.evaluator.clock import Schedule
from research.evaluator.components import component
from research.evaluator.deliveries import Delivery
from research.evaluator.deliveries import deliveries_of
from research.evaluator.deliveries import row_basis
from research.evaluator.deliveries import with_rows
from research.evaluator.facts import fact_key
from research.evaluator.facts import facts_of
from research.evaluator.facts import run_end
from research.evaluator.facts import timers_of
from research.evaluator.funding import FundingSettler
from research.evaluator.market import Columns
from research.evaluator.market import MarketState
from research.evaluator.orders import VenueOrder
from research.evaluator.rules import rules_of
from research.evaluator.run import EvaluationRun
from research.evaluator.run import Part
from research.evaluator.strategy import evaluated
from research.evaluator.stream import stream_of
from research.evaluator.venue import InstrumentVenue
from research.evaluator.wallet import Wallet
from research.points import PointConfig
from strategies.common.nautilus.units import Units


CACHE = Path("sweeps/cache")


class FastEvaluator:
    """
    Evaluates points of one system over cached facts.

    Parameters
    ----------
    base : PointConfig
        What holds for all points.
    cache : Path, optional
        The folder of the caches.

    """

    def __init__(self, base: PointConfig, cache: Path = CACHE) -> None:
        self._base = base
        self._cache = cache
        self._ends: dict[str, int | None] = {}
        # Those of one set of features at a time: a study orders its points by them.
        self._facts: tuple[str, list[Delivery], list[int]] = "", [], []
        self._rows: dict[Hashable, list[Delivery]] = {}
        self._streams: dict[tuple[str, int, int], Columns] = {}

    def evaluate(
        self,
        overrides: Mapping[str, Any],
        window: tuple[int, int] | None = None,
        market: str = "default",
        part: Part | None = None,
    ) -> Evaluation:
        """
        Evaluate one point (`Evaluator`), over its window or a part of it.

        A part begins flat, with the features of the whole window and a machine that has seen the
        rows of the warm-up; a trade that is open at its end is no part of the result.

        Raises
        ------
        UsageError
            If a key or a value is not one of the configuration.
        AuctionError
            If the data cannot serve it, or it needs what the evaluator does not reproduce.

        """
        run = self._base.run(overrides, window, market)
        window_key = f"{run.catalog} {run.start_ns} {run.end_ns} {run.instrument_ids}"
        if window_key not in self._ends:
            self._ends[window_key] = run_end(run)
        return self._evaluate(run, self._ends[window_key], part)

    def window(self) -> tuple[int, int]:
        """Return the window of the configuration (ns UTC, the end excluded)."""
        run = self._base.run({})
        end_ns = run_end(run)
        (instrument_id,) = run.instrument_ids
        last = END_OF_TIME if end_ns is None else end_ns - 1
        columns = self._columns_of(run.catalog, instrument_id, run.start_ns or 0, last)
        begin = run.start_ns if run.start_ns is not None else int(columns.ts_init[0])
        return begin, int(columns.ts_init[-1]) + 1 if end_ns is None else end_ns

    def prepare(self, point: Mapping[str, Any]) -> None:
        """Record the facts of a point's features, if the cache lacks them."""
        run = self._base.run(point)
        facts_of(run, run_end(run), self._cache)

    def _evaluate(self, run: RunConfig, end_ns: int | None, part: Part | None) -> Evaluation:
        if len(run.instrument_ids) != 1:
            names = ", ".join(run.instrument_ids)
            raise AuctionError(f"{run.system}: the evaluator takes one instrument, not {names}")
        (instrument_id,) = run.instrument_ids
        items, timers = self._items_of(run, end_ns)
        start = run.start_ns if run.start_ns is not None else 0
        last = END_OF_TIME if end_ns is None else end_ns - 1
        columns = self._columns_of(run.catalog, instrument_id, start, last)
        instrument = read_instrument(run.catalog, instrument_id)
        (section,) = run.document["venues"].values()
        rules = rules_of(section)
        schedule, bus = Schedule(), EvaluatedBus()
        began = int(columns.ts_init[0])
        schedule.now = began if run.start_ns is None else run.start_ns
        wallet = Wallet(rules.balance, rules.currency, rules.leverage)
        decisions: list[EvaluatedDecision] = []
        fills: list[EvaluatedFill] = []
        trades: list[EvaluatedTrade] = []
        payments: list[tuple[int, Any]] = []
        units = Units(instrument)

        def on_fill(order: VenueOrder, lots: int, ticks: int, is_maker: bool, fee: Any) -> None:
            command = order.command
            fills.append(
                EvaluatedFill(
                    ts_ns=schedule.now,
                    instrument_id=instrument_id,
                    role=str(command.purpose),
                    side="BUY" if command.is_buy else "SELL",
                    lots=lots,
                    ticks=ticks,
                    liquidity="MAKER" if is_maker else "TAKER",
                    fee=fee,
                )
            )

        venue = InstrumentVenue(
            instrument,
            units,
            MarketState(columns, prints_only=rules.prints_only),
            rules,
            wallet,
            lambda: schedule.now,
            on_fill,
        )
        wallet.working = lambda: [
            (instrument, units, order.command.lots, order.command.price)
            for order in venue.open_orders()
            if order.is_working
            and not order.command.reduce_only
            and order.command.price is not None
        ]
        strategies = [
            component(section, "strategy", evaluated) for section in run.document["strategies"]
        ]
        basis = row_basis(strategies)
        rows = self._rows.get(basis)
        for number, strategy in enumerate(strategies):
            clock = EvaluatedClock(schedule)
            strategy.connect(
                [venue], clock, bus, decisions, trades, number, takes_rows=rows is not None
            )
        funding = FundingSettler(rules.funding, venue, began, payments)
        end = int(columns.ts_init[-1]) if end_ns is None else last
        begin = began
        if part is not None:
            begin, end = part.start_ns, min(end, part.end_ns - 1)
        EvaluationRun(columns, venue, funding, strategies, schedule, bus, timers).run(
            items if rows is None else rows, end, part
        )
        if rows is None and part is None:
            self._rows[basis] = with_rows(items, strategies)
        return Evaluation(
            start_ns=begin,
            end_ns=end + 1,
            currency=rules.currency.code,
            starting_balance=rules.balance,
            final_balance=wallet.balance,
            decisions=tuple(decisions),
            fills=tuple(fills),
            payments=tuple(payments),
            trades=tuple(trades),
            evaluator="fast",
        )

    def _items_of(self, run: RunConfig, end_ns: int | None) -> tuple[list[Delivery], list[int]]:
        key = fact_key(run, end_ns)
        if self._facts[0] != key:
            items = deliveries_of(facts_of(run, end_ns, self._cache))
            self._facts = key, items, timers_of(run)
            self._rows.clear()
        return self._facts[1:]

    def _columns_of(self, catalog: Path, instrument_id: str, start: int, last: int) -> Columns:
        key = f"{catalog}/{instrument_id}", start, last
        if key not in self._streams:
            self._streams[key] = stream_of(catalog, instrument_id, start, last, self._cache)
        return self._streams[key]


def why_not(run: RunConfig) -> str | None:
    """Return why the evaluator cannot run a configuration; None if it can."""
    if len(run.instrument_ids) != 1:
        return f"it has several instruments, {', '.join(run.instrument_ids)}"
    if set(run.document["data"]) - {"QuoteTick", "TradeTick"}:
        return "it reads bars"
    try:
        for section in run.document["venues"].values():
            rules_of(section)
    except AuctionError as error:
        return str(error)
    return None
