"""The trade at a touched node: its prices, and what is missing to enter it."""

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from strategies.playbook.attempt import Attempt
from strategies.playbook.events import Setup
from strategies.playbook.events import TargetBasis
from strategies.playbook.params import SignalParams
from strategies.playbook.reasons import SetupRefusal
from strategies.playbook.rows import ContextRow
from strategies.playbook.rows import LargePrint
from strategies.playbook.session_bars import LegNode


class Candidate(Struct, frozen=True, kw_only=True):
    """
    Represents the trade at a touched node, entered or refused; prices in ticks.

    Parameters
    ----------
    started : int
        The start of its attempt (ns UTC).
    setup : Setup
        The setup.
    side : int
        +1 long, -1 short.
    entry, stop, target : int
        Its prices.
    basis : TargetBasis
        Where the target comes from.
    confidence : int
        How sure the system is: 0.4 times that of the state plus 0.6 times the score of the flow,
        rounded down.
    score : int
        The score of the aggressive flow.
    node : LegNode
        The node.
    large_print : LargePrint or None
        The aggressive print on the trade's side; None where the minute has none of the size.
    refusal : SetupRefusal or None
        Why it is not entered.
    missing : str
        What it lacks, for a reader; empty where nothing is missing.

    """

    started: int
    setup: Setup
    side: int
    entry: int
    stop: int
    target: int
    basis: TargetBasis
    confidence: int
    score: int
    node: LegNode
    large_print: LargePrint | None
    refusal: SetupRefusal | None = None
    missing: str = ""

    @property
    def rr(self) -> Fraction:
        """Return the way to the target as a multiple of the way to the stop."""
        return Fraction(abs(self.target - self.entry), abs(self.entry - self.stop))


def candidate_at(
    row: ContextRow,
    attempt: Attempt,
    node: LegNode,
    pocs: Iterable[int],
    params: SignalParams,
) -> Candidate:
    """
    Return the trade at a node that the last minute has touched.

    The stop lies `stop_buffer_ticks` beyond the aggressive print, if that is on the losing side of
    the close, else beyond the extreme of the minute. All rounding is down, on both sides.

    Parameters
    ----------
    row : ContextRow
        The minute.
    attempt : Attempt
        The attempt, in the phase it is traded in.
    node : LegNode
        The node.
    pocs : Iterable[int]
        The POCs of the completed sessions that are kept (ticks).
    params : SignalParams
        The rules.

    """
    side, entry = attempt.trade_side, row.close
    setup = Setup.MEAN_REVERSION if attempt.is_reclaim else Setup.TREND_MODEL
    large = aggressive_print(row, side, Fraction(params.big_print_ratio))
    stop = _stop(row, attempt, large, params)
    risk = abs(entry - stop)
    if attempt.is_reclaim:
        target, basis = attempt.poc, TargetBasis.BALANCE_POC
    else:
        target, basis = _trend_target(entry, side, risk, pocs, params)
    refusal, missing = _missing(row, attempt, abs(target - entry), risk, params)
    return Candidate(
        started=attempt.started,
        setup=setup,
        side=side,
        entry=entry,
        stop=stop,
        target=target,
        basis=basis,
        confidence=(4 * row.confidence + 6 * row.flow_score) // 10,
        score=row.flow_score,
        node=node,
        large_print=large,
        refusal=refusal,
        missing=missing,
    )


def aggressive_print(row: ContextRow, side: int, ratio: Fraction) -> LargePrint | None:
    """Return the largest print of a side if it is `ratio` times the mean print before or more."""
    large = row.large_print(side)
    if large is None or not row.mean_lots:
        return None
    return large if large.lots * row.mean_prints >= ratio * row.mean_lots else None


def _stop(row: ContextRow, attempt: Attempt, large: LargePrint | None, params: SignalParams) -> int:
    side = attempt.trade_side
    if attempt.is_reclaim and params.reversion_stop == "attempt_extreme":
        base = attempt.extreme
    elif large is not None and side * (row.close - large.price) > 0:
        base = large.price
    else:
        base = row.low if side > 0 else row.high
    # A minute that closes at its extreme still needs a stop on the losing side.
    buffer = params.stop_buffer_ticks
    return base - side * (buffer if base != row.close else max(1, buffer))


def _trend_target(
    entry: int, side: int, risk: int, pocs: Iterable[int], params: SignalParams
) -> tuple[int, TargetBasis]:
    least = Fraction(params.min_rr) * risk
    beyond = [poc for poc in pocs if side * (poc - entry) > 0 and abs(poc - entry) >= least]
    if beyond:
        return min(beyond, key=lambda poc: abs(poc - entry)), TargetBasis.PRIOR_POC
    away = int(Fraction(params.fallback_rr) * risk // 1)
    return entry + side * max(1, away), TargetBasis.FALLBACK_RR


def _missing(
    row: ContextRow, attempt: Attempt, reward: int, risk: int, params: SignalParams
) -> tuple[SetupRefusal | None, str]:
    side = attempt.trade_side
    if not (attempt.is_reclaim or attempt.latched):
        return SetupRefusal.NOT_IMBALANCE, f"state {row.state}, no imbalance since the breakout"
    if row.flow_side != side or row.flow_score < params.min_score:
        wanted = "buyers" if side > 0 else "sellers"
        there = {1: "buyers", -1: "sellers", 0: "neither side"}[row.flow_side]
        text = f"flow of {wanted} with {params.min_score} wanted, {there} with {row.flow_score}"
        return SetupRefusal.NO_AGGRESSION, text
    if attempt.is_reclaim and reward < Fraction(params.min_rr) * risk:
        text = f"{params.min_rr} R to the POC wanted, {reward} ticks at a risk of {risk}"
        return SetupRefusal.RR_TOO_LOW, text
    return None, ""
