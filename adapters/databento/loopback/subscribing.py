"""What a subscription request leads to."""

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
    Represents what the sessions of a gateway have in common.

    Attributes
    ----------
    dataset : str
        The dataset that is served.
    tape : Tape
        The records.
    symbols : SymbolTable
        The contracts.
    clock : MarketClock
        The market's time.
    begin : Callable[[], None]
        Is called when the first client asks for market data.

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
    asked: Subscription,
) -> bool:
    """
    Answer a subscription and add its records to a session.

    Unknown symbols are reported by an error record and the others served. A schema of which there
    is no record at all is refused, where the venue would stay silent: nobody shall wait for data
    that never comes.

    Returns
    -------
    bool
        Whether records of the market were asked for, not definitions alone.

    Raises
    ------
    ControlError
        If the request cannot be served.

    """
    if asked.schema not in market.tape.schemas:
        known = ", ".join(sorted(market.tape.schemas))
        raise ControlError(f"Invalid subscription: no {asked.schema} here, there is {known}")
    if asked.snapshot:
        raise ControlError("Invalid subscription: snapshot is for mbo alone, use start to replay")
    clock = market.clock
    now = clock.now_ns()
    start = now + 1
    if asked.start_ns is not None:
        start = clock.unstamp(asked.start_ns) if asked.start_ns else 0
        if start > now + 1:
            raise ControlError(f"Invalid subscription: start {asked.start_ns} lies in the future")
    spans = _resolve(market.symbols, asked, start, send)
    send(messages.acknowledgement(asked.number, asked.schema))
    for symbol, span in spans:
        content = messages.mapping(asked.stype_in, symbol, span, max(span.start_ns, start))
        if span.start_ns <= start:
            send(content)
        else:
            feed.notify(span.start_ns - 1, content)
    streams = market.tape.streams(asked.schema, start)
    feed.add(asked.schema, streams, [span for _, span in spans], start)
    if asked.start_ns is not None:
        feed.notify(now, messages.replay_completed(asked.schema))
    if asked.schema == DEFINITION:
        return False
    market.begin()
    return True


def _resolve(
    symbols: SymbolTable,
    asked: Subscription,
    from_ns: int,
    send: Callable[[bytes], None],
) -> list[tuple[str, Span]]:
    found = {symbol: symbols.resolve(asked.stype_in, symbol, from_ns) for symbol in asked.symbols}
    unknown = [symbol for symbol, spans in found.items() if not spans]
    if unknown:
        text = f"Failed to resolve {asked.stype_in} symbols: {', '.join(unknown)}"
        send(messages.error(ErrorCode.from_str("symbol_resolution_failed"), text))
    return [(symbol, span) for symbol, spans in found.items() for span in spans]
