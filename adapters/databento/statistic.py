"""Statistics of the exchange as custom data of Nautilus."""

from typing import Any

from nautilus_trader.core.data import Data
from nautilus_trader.core.nautilus_pyo3 import DatabentoStatistics
from nautilus_trader.model.custom import customdataclass
from nautilus_trader.model.data import CustomData
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import InstrumentId

from adapters.databento.records import UNDEF_TIME


_UNDEF_QUANTITIES = (float(2**63 - 1), float(2**31 - 1))


@customdataclass
class DatabentoStatistic(Data):  # type: ignore[misc]
    """
    Represents a statistic that the exchange publishes: settlement, open interest, session high.

    Attributes
    ----------
    instrument_id : InstrumentId
        The instrument.
    stat_type : str
        The kind by Databento's name (`SETTLEMENT_PRICE`, `OPEN_INTEREST`).
    is_deleted : bool
        Whether the exchange withdraws the statistic.
    price : float
        The price; NaN if the statistic is not a price.
    quantity : float
        The quantity; NaN if the statistic is not a quantity.
    ts_ref : int
        The reference time of the statistic (ns UTC), 0 if there is none.
    sequence : int
        The number of the exchange's message.

    """

    instrument_id: InstrumentId = InstrumentId.from_str("NONE.NONE")
    stat_type: str = ""
    is_deleted: bool = False
    price: float = float("nan")
    quantity: float = float("nan")
    ts_ref: int = 0
    sequence: int = 0

    @classmethod
    def type_for(cls, instrument_id: InstrumentId) -> DataType:
        """Return the data type to subscribe to, at the client `DATABENTO`."""
        return DataType(cls, metadata={"instrument_id": instrument_id.value})


def statistic_data(record: DatabentoStatistics) -> CustomData:
    """Return a record of Nautilus's client as custom data."""
    instrument_id = InstrumentId.from_str(record.instrument_id.value)
    quantity = float("nan") if record.quantity is None else float(str(record.quantity))
    statistic: Any = DatabentoStatistic(
        ts_event=record.ts_event,
        ts_init=record.ts_init,
        instrument_id=instrument_id,
        stat_type=_name(record.stat_type),
        is_deleted=_name(record.update_action) == "DELETED",
        price=float("nan") if record.price is None else float(str(record.price)),
        quantity=float("nan") if quantity in _UNDEF_QUANTITIES else quantity,
        ts_ref=0 if record.ts_ref == UNDEF_TIME else int(record.ts_ref),
        sequence=int(record.sequence),
    )
    return CustomData(DatabentoStatistic.type_for(instrument_id), statistic)


def _name(value: object) -> str:
    return str(getattr(value, "name", value)).rpartition(".")[2].upper()
