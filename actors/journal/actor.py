"""The actor that keeps the journal."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import LiveClock
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.common.config import ActorConfig
from nautilus_trader.model.events import OrderEvent
from nautilus_trader.model.events import OrderInitialized
from nautilus_trader.model.events import PositionEvent
from nautilus_trader.model.identifiers import InstrumentId
from sqlalchemy.exc import SQLAlchemyError

from actors.journal.database import database_url
from actors.journal.database import journal_places
from actors.journal.database import reason_of
from actors.journal.fallback import FallbackFile
from actors.journal.fallback import fallback_path
from actors.journal.health import RESTORED
from actors.journal.health import JournalHealth
from actors.journal.order_recording import OrderRecording
from actors.journal.rows import message_row
from actors.journal.rows import position_row
from actors.journal.store import Store
from actors.journal.tables import MESSAGES
from actors.journal.writer import LOG
from actors.journal.writer import JournalWriter
from actors.messages import Alert
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages import TradingStatus
from actors.messages import message_classes
from actors.nautilus_records import position_change
from actors.order_records import OrderRecord
from actors.requests import LAST_SNAPSHOT
from actors.requests import SnapshotRequest
from errors import AuctionError
from errors import UsageError
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt


NODE = InstrumentId.from_str("NODE.LOCAL")
HEALTH_NS = 1_000_000_000
STATUS_COLUMNS = ("active", "halted", "killed")
UNREADABLE = (SQLAlchemyError, OSError, ValueError, AuctionError)


class JournalActorConfig(ActorConfig, frozen=True, kw_only=True):  # type: ignore[misc,call-arg]
    """
    Configuration for `JournalActor`.

    Parameters
    ----------
    mode : str, default 'live'
        What the node does (`backtest`, `paper`, `shadow`, `live`); a snapshot of one mode is never
        gone on from in another.
    database : str, optional
        The database, `sqlite:///FILE` or `postgresql://USER@HOST/DATABASE`. Null takes the
        environment variable JOURNAL_URL, which may hold a password; without that it is the file
        journal.sqlite in the folder of the environment variable DATABASE_DIR, by default `journal`.
    fallback : str, optional
        The folder for the rows that the database does not take; null takes the folder above.
    log : str, optional
        A file that gets JSON lines of features, orders and risk; null for none.
    queue_size : PositiveInt, default 100000
        The rows that may wait for the disk.
    stop_timeout_secs : PositiveFloat, default 5.0
        How long a stop waits for the rows that are left.

    """

    mode: str = "live"
    database: str | None = None
    fallback: str | None = None
    log: str | None = None
    queue_size: PositiveInt = 100_000
    stop_timeout_secs: PositiveFloat = 5.0

    def __post_init__(self) -> None:
        if self.database is not None and database_url(self.database).password is not None:
            raise UsageError(
                "database: holds a password; leave it out and set the environment variable "
                "JOURNAL_URL",
            )


class JournalActor(Actor):  # type: ignore[misc]
    """
    Writes published messages into the journal, and finds the last snapshot of a strategy.

    It must be among the actors of the node, so that it starts before the strategies.

    Parameters
    ----------
    config : JournalActorConfig
        The configuration.

    """

    def __init__(self, config: JournalActorConfig) -> None:
        super().__init__(config)
        self.writer: JournalWriter | None = None
        self._health: JournalHealth | None = None
        self._seq = 0
        self._is_prepared = False
        self._last_status: dict[str, tuple[Any, ...]] = {}
        self._orders: OrderRecording | None = None

    def prepare(self) -> None:
        """
        Open the database before the node starts: one that is damaged is set aside.

        A database that cannot be reached does not prevent the start.

        Raises
        ------
        UsageError
            If the journal belongs to a newer version of this program, or is none.

        """
        if self._is_prepared:
            return
        config = self.config
        database, fallback = journal_places(config.dict())
        self._store = Store(database.render_as_string(hide_password=False))
        path = fallback_path(fallback, self.trader_id.value, config.mode)
        self._fallback = FallbackFile(path)
        self._failure: str | None = None
        try:
            self._store.open()
        except (SQLAlchemyError, OSError) as e:
            self._failure = reason_of(e)
        damages = [text for kind, text in self._store.notes if kind == "JOURNAL_DAMAGED"]
        self._damage = damages[0] if damages else None
        self._is_prepared = True

    def on_start(self) -> None:
        self.prepare()
        config = self.config
        self._is_live = is_live = isinstance(self.clock, LiveClock)
        self.writer = JournalWriter(
            self._store,
            self._fallback,
            Path(config.log) if config.log else None,
            config.queue_size,
            waits=not is_live,
        )
        # The writer goes on trying.
        self.writer.failure = self._failure
        self._health = JournalHealth(self.writer, self._store, self._fallback, self._alert)
        self._session = f"{self.trader_id}-{self.clock.timestamp_ns()}-{os.getpid()}"
        scope = "" if is_live else self._session
        self._orders = OrderRecording(self.cache, self._opposite, self._put, self._put_line, scope)
        self.writer.start()
        for cls in MESSAGES:
            self.msgbus.subscribe(topic=cls.topic(), handler=self._on_message)
        self.msgbus.subscribe(topic="events.order.*", handler=self._on_order)
        self.msgbus.subscribe(topic="events.position.*", handler=self._on_position)
        if config.log:
            for cls in message_classes():
                if cls.TABLE is not None and cls.TABLE.decided:
                    self.msgbus.subscribe(topic=cls.topic(), handler=self._on_features)
        self.msgbus.register(LAST_SNAPSHOT, self._answer)
        self._catch_up(self._orders)
        self.clock.set_timer_ns(
            name=f"{self.id}-HEALTH",
            interval_ns=HEALTH_NS,
            start_time_ns=0,
            stop_time_ns=0,
            callback=self._on_health,
        )

    def on_stop(self) -> None:
        self._record_deferred()
        if self.writer is not None and not self.writer.flush(self.config.stop_timeout_secs):
            self.log.error("The journal has not written all rows in time")
        self._check_health()

    def on_dispose(self) -> None:
        # What strategies publish while they stop comes after `on_stop`.
        self._record_deferred()
        if self.writer is None:
            # The node has not come to its start.
            if self._is_prepared:
                self._store.close()
        elif not self.writer.stop(self.config.stop_timeout_secs):
            self.log.error("The journal has not written all rows in time")

    def _put(self, table: str, row: dict[str, Any]) -> None:
        if self.writer is None:
            return
        self._record_deferred()
        self._seq += 1
        self.writer.put(
            table,
            {
                "session": self._session,
                "seq": self._seq,
                "trader_id": self.trader_id.value,
                "mode": self.config.mode,
                **row,
            },
        )

    def _put_line(self, line: dict[str, Any]) -> None:
        if self.writer is not None and self.config.log:
            self.writer.put(LOG, {"mode": self.config.mode, **line})

    def _on_message(self, message: Message) -> None:
        row = message_row(message)
        self._put(MESSAGES[type(message)], row)
        if isinstance(message, TradeEvent) and message.trade_id is not None and self._orders:
            self._orders.note_trade(message.strategy_id, message.trade_id)
        if isinstance(message, Alert):
            self._put_line({"type": "risk", **row})
        elif isinstance(message, TradingStatus):
            state = tuple(row[name] for name in STATUS_COLUMNS)
            if self._last_status.get(message.strategy_id) != state:
                self._last_status[message.strategy_id] = state
                self._put_line({"type": "risk", "kind": "STATUS", **row})

    def _on_features(self, features: Message) -> None:
        self._put_line({"type": "features", **features.to_dict()})

    def _catch_up(self, orders: OrderRecording) -> None:
        known: dict[str, dict[str, Decimal]] = {}
        try:
            known = self._store.filled(self.trader_id.value, self.config.mode)
        except UNREADABLE as e:
            self.log.warning(f"Fills may be in the journal twice: {reason_of(e)}")
        orders.catch_up(known)

    def _on_order(self, event: OrderEvent) -> None:
        if self._orders is None:
            return
        if isinstance(event, OrderInitialized) and self._is_live:
            # Deferred: writing the row must not delay the order.
            self._orders.defer(event)
        else:
            self._orders.record(event)

    def _record_deferred(self) -> None:
        if self._orders is not None:
            self._orders.record_deferred()

    def _opposite(self, order: OrderRecord) -> float | None:
        quote = self.cache.quote_tick(InstrumentId.from_str(order.instrument_id))
        if quote is None:
            return None
        return float(quote.ask_price if order.side == "BUY" else quote.bid_price)

    def _on_position(self, event: PositionEvent) -> None:
        self._put("positions", position_row(position_change(event)))

    def _answer(self, request: SnapshotRequest) -> None:
        key = (self.trader_id.value, self.config.mode, request.strategy_id)
        found: tuple[int, str] | None = None
        try:
            # Rows go to the database only after those of the file: the file has the newer ones.
            found = self._fallback.last_snapshot(*key)
            if found is None:
                found = self._store.last_snapshot(*key)
            if found is None:
                # A state that is lost is not one that has never been.
                request.failure = self._damage
        except UNREADABLE as e:
            request.failure = reason_of(e)
        request.state = None if found is None else found[1]

    def _on_health(self, _: TimeEvent) -> None:
        self._check_health()

    def _check_health(self) -> None:
        if self._health is not None:
            self._health.check(self.clock.timestamp_ns())

    def _alert(self, kind: str, text: str, value: float | None) -> None:
        now = self.clock.timestamp_ns()
        message = Alert(
            NODE,
            now,
            now,
            strategy_id=self.id.value,
            kind=kind,
            text=text,
            value=value,
        )
        self.log.error(text) if kind != RESTORED else self.log.info(text)
        self.publish_data(message.data_type, message)
