"""The signal manager: which complete signals are entered, and why the others are refused."""

from strategies.common.trade_params import MINUTE_NS
from strategies.playbook.candidate import Candidate
from strategies.playbook.events import Setup
from strategies.playbook.params import SignalParams
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.rows import ContextRow


SESSION_OF = {Setup.TREND_MODEL: "NEW_YORK", Setup.MEAN_REVERSION: "LONDON"}


def flat_from(row: ContextRow, params: SignalParams) -> int | None:
    """Return from when on nothing is held before the venue closes (ns UTC); None for never."""
    if row.closes_at is None:
        return None
    return row.closes_at - params.flat_before_close_minutes * MINUTE_NS


def refusal_of(
    candidate: Candidate, row: ContextRow, params: SignalParams
) -> tuple[SetupRefusal | None, str]:
    """
    Return why a trade is not entered, and what is missing for it.

    What the setup itself lacks comes first, then the operator's choices, in the order of the tests.

    Parameters
    ----------
    candidate : Candidate
        The trade.
    row : ContextRow
        The minute that it is decided at.
    params : SignalParams
        The rules.

    Returns
    -------
    tuple[SetupRefusal or None, str]
        The code and one line; None and an empty line for a trade that is entered.

    """
    if candidate.refusal is not None:
        return candidate.refusal, candidate.missing
    setup = candidate.setup
    if setup not in params.setups:
        return SetupRefusal.SETUP_OFF, f"setups are {', '.join(params.setups) or 'none'}"
    if params.session_filter and row.market_session != SESSION_OF[setup]:
        text = f"{SESSION_OF[setup]} wanted, it is {row.market_session or 'none'}"
        return SetupRefusal.OUTSIDE_SESSION, text
    since_open = row.minutes_in_session
    if (
        params.session_filter
        and setup is Setup.TREND_MODEL
        and since_open < params.skip_open_minutes
    ):
        text = f"{since_open} minutes since the open, {params.skip_open_minutes} are skipped"
        return SetupRefusal.OUTSIDE_SESSION, text
    over = flat_from(row, params)
    if over is not None and row.end >= over:
        text = f"the venue closes within {params.flat_before_close_minutes} minutes"
        return SetupRefusal.FLAT_BEFORE_CLOSE, text
    if params.mode == "alerts":
        return SetupRefusal.ALERTS_ONLY, "mode is alerts"
    return None, ""
