"""The progress of the rule from a level to a signal, in words."""

from collections.abc import Iterator
from collections.abc import Mapping

from actors.impulse.transition import Event
from strategies.impulse_lvn.step import Step
from strategies.impulse_lvn.tracking import Visit


# The steps from a level to a signal, and what the next of them waits for.
STAGES = {
    Event.BREAKOUT: ("breakouts", "a close beyond a level of the day (breakout_threshold)"),
    Event.COMPLETE: (
        "impulses completed",
        "an impulse that is large and marked enough (min_impulse_size, min_impulse_score)",
    ),
    "NODE": ("low volume nodes", "a low volume node within an impulse (lvn_ratio, lvn_bucket)"),
    Visit.TOUCHED: ("visited", "a close near a node (level_tolerance, max_hunting_bars)"),
    Visit.ARMED: ("left again", "a close away from the node (retest_distance)"),
    Visit.RETESTING: ("visited twice", "the second visit to a node (level_tolerance)"),
    "SIGNAL": (
        "signals",
        "order flow at the second visit, in an imbalanced market (min_delta, max_range, "
        "max_lvn_ratio, start_time, end_time)",
    ),
}


def stages(step: Step) -> Iterator[str]:
    """Yield the stages reached in one second."""
    yield from (str(transition.event) for transition in step.transitions)
    yield from ("NODE" for _ in step.added)
    yield from (str(visit) for _, visit in step.moved)
    if step.plan is not None:
        yield "SIGNAL"


def describe(seen: Mapping[str, int]) -> list[str]:
    """Return how often each stage was reached, up to the first that never was."""
    steps = []
    for stage, (text, awaited) in STAGES.items():
        steps.append(f"{seen[stage]:,} {text}")
        if not seen[stage]:
            return [f"The rule has seen {', '.join(steps)}: it waited for {awaited}."]
    return [f"The rule has seen {', '.join(steps)}."]
