"""The parts of the page about impulses: chart, funnel and tables."""

from collections.abc import Mapping
from html import escape
from typing import Any

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.impulse_chart import ImpulseStory
from backtests.report.impulse_data import MARKET
from backtests.report.impulse_tables import breakouts_table
from backtests.report.impulse_tables import impulses_table
from backtests.report.impulse_tables import levels_table
from backtests.report.impulse_tables import nodes_table
from backtests.report.impulse_tables import signals_table
from backtests.report.levels import daily_rows
from backtests.report.run_data import RunData


# Beyond that many rows only the impulses that completed are listed.
MOST_ROWS = 500


def impulse_chart_section(instrument: str, story: ImpulseStory, chart_id: str) -> str:
    """Return the inside of the section of the chart."""
    return (
        f"<h2>{escape(instrument)}</h2>"
        f'<p class="note">One candle is <b id="{chart_id}-candles">1 min</b>; zoom in for shorter '
        "ones. Boxes are impulses from breakout to end, between first open and extreme; the small "
        "square at their start tells the marks. Bands are low volume nodes, the darker the nearer "
        "to a trade. Labels name the daily levels; ▲ and ▼ those out of view. Hours without trades "
        "are left out. Drag to zoom, double-click for all, move the frame below.</p>"
        f'<div class="chart" id="{chart_id}" role="img" aria-label="{_caption(instrument, story)}">'
        "</div>"
    )


def impulse_table_sections(
    run: RunData, instrument: str, story: ImpulseStory, chart: Mapping[str, Any]
) -> list[str]:
    """Return the insides of the sections of the tables."""
    impulses, nodes, decimals = story.impulses, story.nodes, chart["decimals"]
    impulses = impulses.assign(number=range(1, len(impulses) + 1))
    keys = zip(impulses["source"], impulses["impulse_id"], strict=True)
    numbers = dict(zip(keys, impulses["number"], strict=True))
    signalled = {(node.source, node.impulse_id) for node in nodes if node.count("SIGNAL")}
    own = run.candidates[run.candidates["instrument_id"] == instrument]
    levels = levels_table(daily_rows(story.data.levels), decimals)
    parts = [
        f'<div class="columns funnel"><div><h2>From breakout to trade</h2>'
        f"{_funnel(run, instrument, story)}</div><div><h2>Breakouts by level</h2>"
        f"{breakouts_table(impulses)}</div></div>",
        f"<h2>Daily levels</h2>{levels}",
    ]
    if len(impulses):
        note, shown = "Extent in points, volume in lots. The number leads to the chart.", impulses
        if len(impulses) > MOST_ROWS:
            shown = impulses[impulses["outcome"] == "COMPLETE"]
            note += (
                f" Of {number(len(impulses), 0)} impulses those that completed are listed; "
                "impulses.parquet holds all."
            )
        table = impulses_table(shown, signalled, chart["id"])
        parts.append(f'<h2>Impulses</h2><p class="note">{note}</p>{table}')
    if nodes:
        note = (
            "A touch is a close near the node, armed one that has left it, retest the next near it."
        )
        table = nodes_table(nodes, numbers, chart["id"], decimals)
        parts.append(f'<h2>Low volume nodes</h2><p class="note">{note}</p>{table}')
    if len(own):
        parts.append(f"<h2>Signals</h2>{signals_table(own, nodes, chart['id'], decimals)}")
    return parts


def _funnel(run: RunData, instrument: str, story: ImpulseStory) -> str:
    nodes, impulses = story.nodes, story.impulses
    own = run.candidates[run.candidates["instrument_id"] == instrument]
    complete = int((impulses["outcome"] == "COMPLETE").sum())
    steps = [
        ("Breakouts", len(impulses)),
        ("Impulses completed", complete),
        ("Low volume nodes", len(nodes)),
        ("… touched", sum(node.count("TOUCHED") > 0 for node in nodes)),
        ("… armed", sum(node.count("ARMED") > 0 for node in nodes)),
        ("… tested again", sum(node.count("RETESTING") > 0 for node in nodes)),
        ("Signals", len(own)),
        ("… refused", int((own["action"] == "REFUSE").sum())),
        ("Positions", int((run.positions["instrument_id"] == instrument).sum())),
    ]
    rows = "".join(
        f'<tr><th scope="row">{label}</th>{cell(number(count, 0))}</tr>' for label, count in steps
    )
    rows += (
        f'<tr><th scope="row">Market imbalanced</th>'
        f"{cell(percent(story.data.imbalanced()), '%')}</tr>"
    )
    sources = sorted(set(impulses["source"]))
    who = ", ".join("market, not traded" if one == MARKET else one for one in sources)
    note = f'<p class="note">Impulses of: {escape(who)}</p>' if who else ""
    table = f'<table class="figures">{head([("Step", False), ("Count", True)])}'
    return f"{note}{table}<tbody>{rows}</tbody></table>"


def _caption(instrument: str, story: ImpulseStory) -> str:
    complete = int((story.impulses["outcome"] == "COMPLETE").sum())
    return escape(
        f"Price of {instrument} with daily levels, {len(story.impulses)} impulses, {complete} of "
        f"them complete, {len(story.nodes)} low volume nodes and trades; the tables below hold "
        "the same"
    )
