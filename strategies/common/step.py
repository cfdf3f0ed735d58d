"""The result of a decision machine for one row: entries, exits, moved stops, and notes."""

from typing import Any

from msgspec import Struct

from strategies.common.intents import Intent
from strategies.common.reasons import DropReason
from strategies.common.reasons import ExitReason


class Context(Struct, frozen=True, kw_only=True):
    """
    Represents the context of a proposed trade; values unknown to a system are None.

    Parameters
    ----------
    targets : tuple[int, ...], default ()
        All targets in ticks, nearest first, where there are more than two.
    regime : str or None, default None
        The state of the market.
    pattern : str or None, default None
        The order-flow patterns, separated by commas.
    node : int or None, default None
        The low volume node in ticks.
    print_price : int or None, default None
        The aggressive print behind the stop, in ticks.
    score, confidence : float or None, default None
        The strength by the system's own scale, and how sure it is (0 to 1).
    tier : str or None, default None
        The capital tier that the size follows.

    """

    targets: tuple[int, ...] = ()
    regime: str | None = None
    pattern: str | None = None
    node: int | None = None
    print_price: int | None = None
    score: float | None = None
    confidence: float | None = None
    tier: str | None = None


NO_CONTEXT = Context()


class Entry(Struct, frozen=True, kw_only=True):
    """
    Represents a trade that a machine proposes; the gate may still refuse it.

    Parameters
    ----------
    tag : str
        The name of the setup with its side.
    is_long : bool
        If it is long.
    stop : int
        The protective stop in ticks.
    intent : Intent or None, default None
        The trade at its prices; None where it has none that can be traded.
    refusal : str or None, default None
        Why the machine itself rejects it.
    context : Context, default Context()
        What it rests on, for the decision that is published.
    refused_before : tuple[str, ...], default ()
        The codes for which the same trade was refused before. One more refusal for one of them is
        published as HOLD with its code and without the trade: it is no further candidate.

    """

    tag: str
    is_long: bool
    stop: int
    intent: Intent | None = None
    refusal: str | None = None
    context: Context = NO_CONTEXT
    refused_before: tuple[str, ...] = ()

    @classmethod
    def of(cls, intent: Intent) -> "Entry":
        """Return an entry with the prices of an intent."""
        return cls(tag=intent.tag, is_long=intent.is_long, stop=intent.stop, intent=intent)


class Exit(Struct, frozen=True, kw_only=True):
    """
    Represents the end of an open trade, at market, or of an entry that still works.

    Parameters
    ----------
    ts : int
        When (ns UTC).
    reason : ExitReason
        Why the position is closed.
    drop : DropReason
        Why an entry that still works is canceled.
    of : Entry or None, default None
        The trade, for the decision that is published; None where it is not known.
    trade_id : int or None, default None
        Which trade (`TradeView.trade_id`); None for all, and for the second half of a flip.
    only_entry : bool, default False
        If only the unfilled rest of its entry is canceled: lots that are filled, also until the
        venue confirms the cancel, stay open and managed.

    """

    ts: int
    reason: ExitReason
    drop: DropReason
    of: Entry | None = None
    trade_id: int | None = None
    only_entry: bool = False


class StopMove(Struct, frozen=True, kw_only=True):
    """
    Represents a stop that is moved towards the profit; one already reached closes the trade.

    Parameters
    ----------
    stop : int
        The stop in ticks.
    price : int
        The last price in ticks.
    of : Entry or None, default None
        The trade, for the decision that is published if it closes.
    trade_id : int or None, default None
        Which trade (`TradeView.trade_id`); None for all of them.

    """

    stop: int
    price: int
    of: Entry | None = None
    trade_id: int | None = None


class MachineAlert(Struct, frozen=True, kw_only=True):
    """
    Represents an alert for the operator.

    Parameters
    ----------
    ts : int
        When (ns UTC).
    kind : str
        What it is.
    text : str
        One line for a human.
    value : float or None, default None
        The figure that belongs to it.

    """

    ts: int
    kind: str
    text: str
    value: float | None = None


class Notes(Struct, frozen=True, kw_only=True):
    """
    Represents the output of a machine beside its decisions.

    Parameters
    ----------
    records : tuple[Any, ...], default ()
        What is published as messages of the system; the machine's own types.
    alerts : tuple[MachineAlert, ...], default ()
        What an operator should know.

    """

    records: tuple[Any, ...] = ()
    alerts: tuple[MachineAlert, ...] = ()


NO_NOTES = Notes()


class Step(Struct, frozen=True, kw_only=True):
    """
    Represents the result of one row.

    A decision is published for each entry, and once for a step that has a reason but no entry.

    Parameters
    ----------
    warm : bool
        If the machine and the facts have seen enough data to enter.
    close : int or None, default None
        The last price in ticks; None without trades.
    is_bar : bool, default True
        If the row is a closed bar, which is counted.
    is_boundary : bool, default False
        If the time stop and the boundaries of open trades are checked with it.
    reason : str or None, default None
        The reason code of the decision.
    why : str or None, default None
        Why nothing is done, where no entry is refused.
    flags, events : tuple[str, ...], default ()
        The setups that are present, and what the machine's trackers did.
    drop : DropReason or None, default None
        Why entries that still work are canceled, before anything else.
    entries : tuple[Entry, ...], default ()
        The trades proposed, best first.
    exits : tuple[Exit, ...], default ()
        The ends of trades.
    stops : tuple[StopMove, ...], default ()
        The stops to move.
    notes : Notes, default none
        What is published: its records before the decision, its alerts after all.

    """

    warm: bool
    close: int | None = None
    is_bar: bool = True
    is_boundary: bool = False
    reason: str | None = None
    why: str | None = None
    flags: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    drop: DropReason | None = None
    entries: tuple[Entry, ...] = ()
    exits: tuple[Exit, ...] = ()
    stops: tuple[StopMove, ...] = ()
    notes: Notes = NO_NOTES
