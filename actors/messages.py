"""
Every custom data type that the actors and strategies publish.

A message is published with `publish_data(message.data_type, message)` and received with
`msgbus.subscribe(topic=MessageClass.topic(), handler=self.handle_data)`; the receiver picks its
instrument. All of them can be written to a catalog, streamed while a node runs, and replayed.

"""

import json
from typing import Any
from typing import ClassVar
from typing import Self

import pyarrow as pa
from nautilus_trader.core.data import Data
from nautilus_trader.core.nautilus_pyo3.model import register_custom_data_class
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.serialization.arrow.serializer import register_arrow
from nautilus_trader.serialization.base import register_serializable_type


class Message(Data):  # type: ignore[misc]
    """
    Represents facts of one instrument at one time.

    Unlike Nautilus's own custom data classes, a column may be null or a list.

    Parameters
    ----------
    instrument_id : InstrumentId
        The instrument the message is about.
    ts_event : int
        The time the message speaks of (ns UTC).
    ts_init : int
        The time the message was made (ns UTC).
    **columns
        One value for each of `COLUMNS`.

    """

    COLUMNS: ClassVar[tuple[str, ...]] = ()
    _schema: ClassVar[pa.Schema]

    def __init__(
        self,
        instrument_id: InstrumentId,
        ts_event: int,
        ts_init: int,
        **columns: Any,
    ) -> None:
        if len(columns) != len(self.COLUMNS):
            missing = set(self.COLUMNS) ^ set(columns)
            raise ValueError(f"{type(self).__name__}: columns differ in {sorted(missing)}")
        self.instrument_id = instrument_id
        self._ts_event = ts_event
        self._ts_init = ts_init
        self.__dict__.update(columns)

    @property
    def ts_event(self) -> int:
        return self._ts_event

    @property
    def ts_init(self) -> int:
        return self._ts_init

    @classmethod
    def type_for(cls, instrument_id: InstrumentId) -> DataType:
        """Return the data type under which messages about an instrument are published."""
        return DataType(cls, metadata={"instrument_id": instrument_id.value})

    @classmethod
    def topic(cls) -> str:
        """
        Return the topic of all messages of the class.

        A replay from a catalog publishes without the instrument in the topic, so a subscription to
        one instrument alone would miss it.
        """
        return f"data.{DataType(cls).topic}"

    @property
    def data_type(self) -> DataType:
        return self.type_for(self.instrument_id)

    def columns(self) -> dict[str, Any]:
        """Return the columns by name."""
        return {name: self.__dict__[name] for name in self.COLUMNS}

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}={value}" for name, value in self.columns().items())
        return f"{type(self).__name__}(instrument_id={self.instrument_id}, {columns})"

    def to_dict(self) -> dict[str, Any]:
        return {
            "instrument_id": self.instrument_id.value,
            **self.columns(),
            "ts_event": self._ts_event,
            "ts_init": self._ts_init,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        columns = {name: data[name] for name in cls.COLUMNS}
        instrument_id = InstrumentId.from_str(data["instrument_id"])
        return cls(instrument_id, data["ts_event"], data["ts_init"], **columns)

    def to_json(self) -> str:
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.from_dict(data)

    def to_arrow(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([self.to_dict()], schema=self._schema)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> list[Self]:
        return [cls.from_dict(row) for row in table.to_pylist()]

    @classmethod
    def type_name_static(cls) -> str:
        return cls.__name__

    def encode_record_batch_py(self, items: list["Message"]) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([item.to_dict() for item in items], schema=self._schema)

    @classmethod
    def decode_record_batch_py(cls, metadata: dict[str, str], batch: pa.RecordBatch) -> list[Self]:
        return [cls.from_dict(row) for row in batch.to_pylist()]


def _register(cls: type[Message], columns: dict[str, pa.DataType]) -> None:
    cls.COLUMNS = tuple(columns)
    cls._schema = pa.schema(
        [
            pa.field("instrument_id", pa.string()),
            *(pa.field(name, kind) for name, kind in columns.items()),
            pa.field("ts_event", pa.int64()),
            pa.field("ts_init", pa.int64()),
        ],
    )
    register_serializable_type(cls, cls.to_dict, cls.from_dict)
    register_arrow(cls, cls._schema, cls.to_arrow, cls.from_arrow)
    register_custom_data_class(cls)


class ValueAreaMinute(Message):
    """
    Represents all value-area features of one closed minute.

    Prices and sizes are in instrument units, null where a value does not exist. `ts_event` is the
    last nanosecond of the minute.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    open, high, low, close : float or None
        Prices of the minute's prints; null without prints.
    volume, vwap : float
        Traded size, and the average price weighted with it (null without prints).
    trade_count, group_count : int
        Prints, and groups of consecutive prints with one time stamp.
    bid_px_close, ask_px_close, bid_sz_close, ask_sz_close : float or None
        The quote in force at the close, of any age.
    quote_age_ms : int or None
        The age of that quote (whole ms, rounded down).
    spread_close, spread_avg_60m, mid_close : float or None
        Spread and middle at the close; mean spread of the last 60 minute closes with a quote.
    sigma_240 : float or None
        Sample deviation of the last 240 log returns of the middle.
    bin_width : float or None
        The width of a profile bin.
    rebucket_reason : str or None
        INITIAL, CHANGE or INTERVAL where this minute adopted a new width.
    poc, vah, val : float or None
        Lower edges of the bins of the point of control and of the value area's ends.
    va_coverage : float or None
        The share of the window's volume inside the value area.
    va_bin_count : int or None
        The number of bins from VAL to VAH.
    va_valid : bool
        Whether the area may be traded on.
    va_reason : str or None
        EMPTY, NO_WIDTH or MIN_BINS where it may not.
    total_volume_4h : float
        The window's volume.
    of_1m, of_norm_1m : float
        Buy minus sell volume of the minute, and its share of the volume.
    ambiguous_trade_frac_1m : float
        The share of volume whose side neither the venue nor the quote decided.
    unsigned_volume : float
        The volume left without a side.
    stale_trades, late_trades : int
        Prints judged by a quote older than the limit; prints of minutes already closed.
    cvd : float
        Buy minus sell volume since the start; never reset.
    qimb_close, qimb_ema_60s : float or None
        Imbalance of the best sizes at the close, and its time-decayed average over the minute.
    warm : bool
        Whether the window has been full once.

    """

    ts_min: int
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float
    vwap: float | None
    trade_count: int
    group_count: int
    bid_px_close: float | None
    ask_px_close: float | None
    bid_sz_close: float | None
    ask_sz_close: float | None
    quote_age_ms: int | None
    spread_close: float | None
    spread_avg_60m: float | None
    mid_close: float | None
    sigma_240: float | None
    bin_width: float | None
    rebucket_reason: str | None
    poc: float | None
    vah: float | None
    val: float | None
    va_coverage: float | None
    va_bin_count: int | None
    va_valid: bool
    va_reason: str | None
    total_volume_4h: float
    of_1m: float
    of_norm_1m: float
    ambiguous_trade_frac_1m: float
    unsigned_volume: float
    stale_trades: int
    late_trades: int
    cvd: float
    qimb_close: float | None
    qimb_ema_60s: float | None
    warm: bool


class MinuteFootprint(Message):
    """
    Represents the volume at each price of one closed minute, in ticks and lots.

    Published just before the `ValueAreaMinute` of the same minute, for the same instrument.

    Attributes
    ----------
    ts_min : int
        The start of the minute (ns UTC).
    tick_size, lot_size : float
        The units of the lists.
    ticks : list[int]
        The traded prices (ticks), rising.
    buy, sell, unsigned : list[int]
        The volume at each price by aggressor (lots).

    """

    ts_min: int
    tick_size: float
    lot_size: float
    ticks: list[int]
    buy: list[int]
    sell: list[int]
    unsigned: list[int]


class Decision(Message):
    """
    Represents what a strategy decided at the close of one minute, also where it did nothing.

    Attributes
    ----------
    ts_min : int
        The start of the minute decided on (ns UTC).
    reason : str
        The decision machine's reason code.
    flags : str
        The setups seen, separated by commas.
    setup : str or None
        The setup of the candidate that won.
    side : str or None
        BUY or SELL.
    entry, stop, tp1, tp2 : float or None
        The candidate's prices.
    quantity : float or None
        The size asked for.
    action : str
        ENTER, REFUSE or HOLD.
    why : str or None
        The gate's reason code where it refused.

    """

    ts_min: int
    reason: str
    flags: str
    setup: str | None
    side: str | None
    entry: float | None
    stop: float | None
    tp1: float | None
    tp2: float | None
    quantity: float | None
    action: str
    why: str | None


_ARROW_TYPES: dict[str, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "str": pa.string(),
    "bool": pa.bool_(),
    "list[int]": pa.list_(pa.int64()),
}


def _arrow_columns(cls: type[Message]) -> dict[str, pa.DataType]:
    columns = {}
    for name, kind in cls.__annotations__.items():
        text = kind.__name__ if type(kind) is type else str(kind)
        columns[name] = _ARROW_TYPES[text.removesuffix(" | None")]
    return columns


for _cls in (ValueAreaMinute, MinuteFootprint, Decision):
    _register(_cls, _arrow_columns(_cls))
