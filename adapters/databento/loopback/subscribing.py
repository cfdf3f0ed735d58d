"""Handling of subscription requests."""

from collections.abc import Callable
from dataclasses import dataclass

from databento_dbn import ErrorCode

from adapters.databento.loopback import messages
from adapters.databento.loopback.clock import MarketClock
from adapters.databento.loopback.control import ControlError
from adapters.databento.loopback.control import Subscription
from adapters.databento.loopback.feed import Feed
from adapters.databento.loopback.symbols import Span
from adapters.databento.loopback.symbols import SymbolTable
from adapters.databento.loopback.tape import Tape
from adapters.databento.records import DEFINITION


@dataclass(frozen=True, slots=True)
class Market:
    """
    Represents the state shared by the sessions of a gateway.

    Attributes
    ----------
    dataset : str
        The served dataset.
    tape : Tape
        The records.
    symbols : SymbolTable
        The contracts.
    clock : MarketClock
        The market's time.
    begin : Callable[[], None]
        Called when the first client requests market data.

    """

    dataset: str
    tape: Tape
    symbols: SymbolTable
    clock: MarketClock
    begin: Callable[[], None]


def subscribe(
    market: Market,
    feed: Feed,
    send: Callable[[bytes], None],
    request: Subscription,
) -> bool:
    """
    Answer a subscription and add its records to a session.

    Unknown symbols are reported by an error record and the others served. A schema without any
    record is rejected, where the venue would stay silent: no client must wait for data that never
    comes.

    Returns
    -------
    bool
        Whether market records were requested, and not only definitions.

    Raises
    ------
    ControlError
        If the request cannot be served.

    """
    if request.schema not in market.tape.schemas:
        known = ", ".join(sorted(market.tape.schemas))
        raise ControlError(f"Invalid subscription: no {request.schema} here, there is {known}")
    if request.snapshot:
        raise ControlError("Invalid subscription: snapshot is only for mbo, use start to replay")
    clock = market.clock
    now = clock.now_ns()
    start = now + 1
    if request.start_ns is not None:
        start = clock.unstamp(request.start_ns) if request.start_ns else 0
        if start > now + 1:
            raise ControlError(f"Invalid subscription: start {request.start_ns} lies in the future")
    spans = _resolve(market.symbols, request, start, send)
    send(messages.acknowledgement(request.number, request.schema))
    for symbol, span in spans:
        content = messages.mapping(request.stype_in, symbol, span, max(span.start_ns, start))
        if span.start_ns <= start:
            send(content)
        else:
            feed.notify(span.start_ns - 1, content)
    streams = market.tape.streams(request.schema, start)
    feed.add(request.schema, streams, [span for _, span in spans], start)
    if request.start_ns is not None:
        feed.notify(now, messages.replay_completed(request.schema))
    if request.schema == DEFINITION:
        return False
    market.begin()
    return True


def _resolve(
    symbols: SymbolTable,
    request: Subscription,
    from_ns: int,
    send: Callable[[bytes], None],
) -> list[tuple[str, Span]]:
    found = {
        symbol: symbols.resolve(request.stype_in, symbol, from_ns) for symbol in request.symbols
    }
    unknown = [symbol for symbol, spans in found.items() if not spans]
    if unknown:
        text = f"Failed to resolve {request.stype_in} symbols: {', '.join(unknown)}"
        send(messages.error(ErrorCode.from_str("symbol_resolution_failed"), text))
    return [(symbol, span) for symbol, spans in found.items() for span in spans]
