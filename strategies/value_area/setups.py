"""The three setups at the edges of the value area and their prices."""

from msgspec import Struct

from strategies.value_area.acceptance import OutsideSequence
from strategies.value_area.confirmation import confirms_breakout
from strategies.value_area.confirmation import confirms_entry
from strategies.value_area.confirmation import confirms_failure
from strategies.value_area.inputs import Bar
from strategies.value_area.inputs import Minute
from strategies.value_area.inputs import ValueArea
from strategies.value_area.params import SignalParams
from strategies.value_area.reasons import Rejection
from strategies.value_area.reasons import Setup


class Candidate(Struct, frozen=True, kw_only=True):
    """
    Represents a trade that a setup proposes; all prices are fixed at the decision.

    Parameters
    ----------
    setup : Setup
        The setup.
    is_long : bool
        If the trade is long.
    entry : int
        The close of the minute in ticks.
    stop : int
        The stop in ticks.
    tp1_half : int or None
        The first target in half ticks; None where it does not lie beyond the entry, so that the
        whole size goes to the second.
    tp2 : int
        The second target in ticks.
    boundary : int or None
        The locked boundary of a breakout in ticks (a close inside it ends the trade).

    """

    setup: Setup
    is_long: bool
    entry: int
    stop: int
    tp1_half: int | None
    tp2: int
    boundary: int | None = None

    @property
    def tag(self) -> str:
        """Return the setup with its side, such as `breakin_long`."""
        return f"{self.setup}_{'long' if self.is_long else 'short'}"

    @property
    def rejection(self) -> Rejection | None:
        """
        Return why the prices cannot be traded, if so.

        The second target must lie strictly beyond the entry and the stop strictly before it.
        """
        sign = 1 if self.is_long else -1
        if sign * (self.tp2 - self.entry) <= 0:
            return Rejection.NO_ROOM
        if sign * (self.entry - self.stop) <= 0:
            return Rejection.STOP_SIDE
        return None


def break_in(
    minute: Minute,
    bar: Bar,
    area: ValueArea,
    sign: int,
    tolerance: int,
    params: SignalParams,
) -> Candidate | None:
    """
    Return a trade back into the value area after an excursion within this one bar.

    The bar goes beyond one edge, closes strictly back inside it and not beyond the other, trades at
    the edge and is confirmed. The stop lies behind the excursion, the targets are POC and the
    opposite edge. The caller makes sure that no earlier close lay beyond the edge.

    Parameters
    ----------
    minute : Minute
        The minute.
    bar : Bar
        The trades of that minute.
    area : ValueArea
        The levels of that minute.
    sign : int
        The side of the trade: +1 long (at VAL), -1 short (at VAH).
    tolerance : int
        How far a print may lie from the edge and still be at it (ticks).
    params : SignalParams
        The parameters.

    """
    edge, opposite = area.edge(-sign), area.edge(sign)
    excursion = bar.extreme(-sign)
    if not (
        sign * (edge - excursion) > 0
        and sign * (bar.close - edge) > 0
        and sign * (opposite - bar.close) >= 0
        and bar.traded_within(edge, tolerance)
        and confirms_entry(minute, bar, sign, params)
    ):
        return None
    stop = excursion - sign * params.stop_buffer_ticks
    return _candidate(Setup.BREAKIN, sign, bar.close, stop, area.poc_half, opposite)


def failed_breakout(
    minute: Minute,
    bar: Bar,
    area: ValueArea,
    attempt: OutsideSequence,
    sign: int,
    params: SignalParams,
) -> Candidate | None:
    """
    Return a trade against an attempt that has closed outside and has now closed inside again.

    One outside close is an attempt, counted or not. Inside is judged by the locked boundary. The
    stop lies behind the extreme of the whole attempt, the targets are POC and the opposite edge.

    Parameters
    ----------
    minute : Minute
        The minute.
    bar : Bar
        The trades of that minute.
    area : ValueArea
        The levels of that minute.
    attempt : OutsideSequence
        The sequence that this bar has ended by a close inside.
    sign : int
        The side of the trade: +1 long (below a failed attempt down), -1 short.
    params : SignalParams
        The parameters.

    """
    if not confirms_failure(minute, bar, sign, params):
        return None
    stop = attempt.extreme - sign * params.stop_buffer_ticks
    return _candidate(Setup.FAILBREAK, sign, bar.close, stop, area.poc_half, area.edge(sign))


def breakout(
    minute: Minute,
    bar: Bar,
    sequence: OutsideSequence,
    sign: int,
    tolerance: int,
    params: SignalParams,
) -> Candidate | None:
    """
    Return a trade with an accepted breakout, at once or on its retest.

    In retest mode the bar must come back to the boundary (its wick may go through) and close beyond
    it; the stop lies behind the bar. Otherwise the bar must be confirmed; the stop lies behind the
    boundary. The targets are one and two times the distance of the stop.

    Parameters
    ----------
    minute : Minute
        The minute.
    bar : Bar
        The trades of that minute; it closes beyond the boundary.
    sequence : OutsideSequence
        The accepted sequence, in retest mode pending since an earlier bar.
    sign : int
        The side of the trade: +1 long, -1 short.
    tolerance : int
        How far the bar may stay from the boundary and still have tested it (ticks).
    params : SignalParams
        The parameters.

    """
    behind = sequence.boundary
    needs_confirmation = True
    if params.enable_retest_mode:
        behind = bar.extreme(-sign)
        needs_confirmation = params.retest_initiative
        if sign * (behind - sequence.boundary) > tolerance:
            return None
    if needs_confirmation and not confirms_breakout(minute, bar, sign, params):
        return None
    stop = behind - sign * params.stop_buffer_ticks
    risk = abs(bar.close - stop)
    return _candidate(
        Setup.BREAKOUT,
        sign,
        bar.close,
        stop,
        2 * (bar.close + sign * risk),
        bar.close + sign * 2 * risk,
        sequence.boundary,
    )


def _candidate(
    setup: Setup,
    sign: int,
    entry: int,
    stop: int,
    tp1_half: int,
    tp2: int,
    boundary: int | None = None,
) -> Candidate:
    return Candidate(
        setup=setup,
        is_long=sign > 0,
        entry=entry,
        stop=stop,
        tp1_half=tp1_half if sign * (tp1_half - 2 * entry) > 0 else None,
        tp2=tp2,
        boundary=boundary,
    )
