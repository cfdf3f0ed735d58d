"""Records of the gateway itself: header, acknowledgement, heartbeat, mapping, error."""

import time

from databento_dbn import ErrorCode
from databento_dbn import ErrorMsg
from databento_dbn import Metadata
from databento_dbn import SType
from databento_dbn import SymbolMappingMsg
from databento_dbn import SystemCode
from databento_dbn import SystemMsg

from adapters.databento.loopback.symbols import Span


DBN_VERSION = 3
# The position of the version: after the letters DBN.
_VERSION_AT = 3


def header(dataset: str, ts_out: bool, version: int = DBN_VERSION) -> bytes:
    """Return the header of a session, without schema and symbols."""
    content = bytearray(
        bytes(
            Metadata(
                dataset=dataset,
                start=time.time_ns(),
                stype_in=None,
                stype_out=SType.from_str("instrument_id"),
                schema=None,
                ts_out=ts_out,
                version=DBN_VERSION,
            ),
        ),
    )
    content[_VERSION_AT] = version
    return bytes(content)


def heartbeat() -> bytes:
    """Return the heartbeat of an idle session."""
    return bytes(SystemMsg(time.time_ns(), "Heartbeat", SystemCode.from_str("heartbeat")))


def acknowledgement(number: str, schema: str) -> bytes:
    """Return the confirmation of a subscription."""
    text = f"Subscription request {number or 0} for {schema} data succeeded"
    return bytes(SystemMsg(time.time_ns(), text, SystemCode.from_str("subscription_ack")))


def replay_completed(schema: str) -> bytes:
    """Return the notice that a replay has reached the present."""
    text = f"Finished {schema} replay"
    return bytes(SystemMsg(time.time_ns(), text, SystemCode.from_str("replay_completed")))


def slow_reader_warning(behind_s: float) -> bytes:
    """Return the warning that a client reads too slowly."""
    text = f"Slow client detected: the session is {behind_s:.1f} seconds behind"
    return bytes(SystemMsg(time.time_ns(), text, SystemCode.from_str("slow_reader_warning")))


def error(code: ErrorCode, text: str) -> bytes:
    """Return an error record."""
    return bytes(ErrorMsg(time.time_ns(), text, True, code))


def mapping(stype_in: str, symbol: str, span: Span, ts_event: int) -> bytes:
    """
    Return the mapping of an instrument id to its contract.

    The outgoing symbol is the raw symbol, whatever kind of symbol was requested.
    """
    return bytes(
        SymbolMappingMsg(
            publisher_id=0,
            instrument_id=span.instrument_id,
            ts_event=ts_event,
            stype_in=SType.from_str(stype_in),
            stype_in_symbol=symbol,
            stype_out=SType.from_str("instrument_id"),
            stype_out_symbol=span.raw_symbol,
            start_ts=span.start_ns,
            end_ts=span.end_ns,
        ),
    )
