"""Definition records of futures."""

from decimal import Decimal
from typing import Any

import numpy as np
from databento.common.constants import SCHEMA_STRUCT_MAP
from databento_dbn import InstrumentClass
from databento_dbn import InstrumentDefMsg
from databento_dbn import MatchAlgorithm
from databento_dbn import Schema
from databento_dbn import SecurityUpdateAction
from numpy.typing import NDArray

from adapters.databento.loopback.layout import PUBLISHER


_NANO = 10**9


def encode_definition(instrument: Any, number: int, ts_ns: int) -> NDArray[Any]:
    """
    Return the definition record of a future (shape 1).

    Parameters
    ----------
    instrument : FuturesContract
        Nautilus's definition of the future.
    number : int
        The instrument id in the records.
    ts_ns : int
        The time of the record (ns UTC).

    """
    record = InstrumentDefMsg(
        publisher_id=PUBLISHER,
        instrument_id=number,
        ts_event=ts_ns,
        ts_recv=ts_ns,
        min_price_increment=_nano(instrument.price_increment),
        display_factor=_NANO,
        raw_symbol=instrument.raw_symbol.value,
        asset=instrument.underlying,
        security_type="FUT",
        instrument_class=InstrumentClass("F"),
        match_algorithm=MatchAlgorithm("F"),
        security_update_action=SecurityUpdateAction("A"),
        activation=instrument.activation_ns,
        expiration=instrument.expiration_ns,
        unit_of_measure_qty=_nano(instrument.multiplier),
        currency=instrument.quote_currency.code,
        settl_currency=instrument.quote_currency.code,
        exchange=instrument.exchange or instrument.id.venue.value,
        group=instrument.underlying,
        underlying="",
        unit_of_measure="IPNT",
        min_lot_size_round_lot=1,
    )
    return np.frombuffer(bytes(record), dtype=SCHEMA_STRUCT_MAP[Schema.DEFINITION]._dtypes)


def _nano(value: object) -> int:
    return int(Decimal(str(value)) * _NANO)
