"""The section of a page with the chart of an instrument."""

from collections.abc import Iterator
from collections.abc import Mapping
from html import escape
from typing import Any

from backtests.report.story import Story
from strategies.common.views import Band
from strategies.common.views import Levels
from strategies.common.views import Markers
from strategies.common.views import StepLine
from strategies.common.views import Zones


def chart_section(story: Story, chart: Mapping[str, Any]) -> str:
    """
    Return the inside of the section of a chart: heading, what a reader should know, the figure.

    Parameters
    ----------
    story : Story
        The instrument.
    chart : Mapping[str, Any]
        What `price_chart` has made of it.

    """
    name, views = chart["id"], story.run.views.chart
    notes = [
        f'One candle is <b id="{name}-candles">1 min</b>; zoom in for shorter ones.',
        escape(views.note),
    ]
    if "profile" in chart:
        prints = chart["prints"]
        bucket = prints["bucket"] * prints["tick"]
        text = (
            f"The profile is of {chart['profile']['minutes']:,} minutes up to the end of the view, "
            f"from prints in buckets of {bucket:.10g}"
        )
        if prints["seconds"] > views.bars.seconds:
            text += f" and {prints['seconds'] // 60} min"
        notes.append(f"{text}.")
    if views.footprint is not None and "prints" in chart:
        notes.append("Where few candles are in view, a footprint shows the volume at each price.")
    if chart["layout"]["xaxis"]["rangebreaks"]:
        notes.append("Hours without trades are left out.")
    notes.append("Drag to zoom, double-click for all, move the frame below.")
    shown = ", ".join([*_named(story), "trades"])
    caption = f"Price of {story.instrument} with {shown}; the tables below hold the same"
    return (
        f"<h2>{escape(story.instrument)}</h2>"
        f'<p class="note">{" ".join(note for note in notes if note)}</p>'
        f'<div class="chart" id="{name}" role="img" aria-label="{escape(caption)}"></div>'
    )


def _named(story: Story) -> Iterator[str]:
    for element in story.run.views.chart.elements:
        if isinstance(element, Levels):
            yield from (group.name.lower() for group in element.groups)
        elif isinstance(element, Zones | Markers):
            yield f"{element.name} ({len(story.lives(element.of))})"
        elif isinstance(element, Band | StepLine):
            yield element.name
