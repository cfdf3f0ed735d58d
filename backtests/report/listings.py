"""Listings of rows, groups and counts as HTML."""

from collections.abc import Mapping
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from backtests.report.cells import cell
from backtests.report.cells import head
from backtests.report.cells import html_cell
from backtests.report.cells import text_of
from backtests.report.fields import FIGURES
from backtests.report.fields import Fields
from backtests.report.fields import Row
from backtests.report.fields import link
from backtests.report.fields import value_of
from backtests.report.figures import MISSING
from backtests.report.figures import number
from backtests.report.figures import percent
from backtests.report.figures import utc
from backtests.report.story import Story
from strategies.common.views import Count
from strategies.common.views import Form
from strategies.common.views import Funnel
from strategies.common.views import Groups
from strategies.common.views import Listing
from strategies.common.views import Lives
from strategies.common.views import Measure
from strategies.common.views import Section
from strategies.common.views import SignalListing
from strategies.common.views import TimeShare


# Of longer tables only the highlighted rows are listed.
MOST_ROWS = 500


def section_parts(story: Story, sections: Sequence[Section], chart: str) -> str:
    """
    Return the inside of one section of a page, empty where there is nothing to show.

    Parameters
    ----------
    story : Story
        The instrument.
    sections : Sequence[Section]
        The parts shown side by side.
    chart : str
        The id of the chart that links lead to.

    """
    parts = [part for part in (_part(story, one, chart) for one in sections) if part]
    if len(parts) < 2:
        return "".join(parts)
    columns = "".join(f"<div>{part}</div>" for part in parts)
    return f'<div class="columns funnel">{columns}</div>'


def _part(story: Story, section: Section, chart: str) -> str:
    match section:
        case Listing():
            return _listing(story, section, chart)
        case Groups():
            return _groups(story, section)
        case Funnel():
            return _funnel(story, section)
        case SignalListing():
            return _signals(story, section, chart)


def _listing(story: Story, listing: Listing, chart: str) -> str:
    rows = story.values(listing.of)
    if not rows:
        return ""
    note, shown = listing.note, rows
    if len(rows) > MOST_ROWS and listing.marked is not None:
        column, value = listing.marked
        shown = [row for row in rows if row[column] == value]
        file = listing.of.message.TABLE
        where = "" if file is None else f"; {file.name}.parquet holds all"
        note += f" Of {number(len(rows), 0)} the {listing.marked_name} are listed{where}."
    fields = Fields(story, listing.of, chart)
    body = "".join(
        f"<tr{_marked(listing, row)}>"
        f"{''.join(fields.cell(field, row) for field in listing.fields)}</tr>"
        for row in shown
    )
    labels = [(field.label, field.form in FIGURES) for field in listing.fields]
    kind = "dense marks" if any(f.form is Form.MARK for f in listing.fields) else "dense"
    intro = f'<p class="note">{escape(note.strip())}</p>' if note else ""
    return f"<h2>{escape(listing.title)}</h2>{intro}{_table(kind, labels, body, scroll=True)}"


def _marked(listing: Listing, row: Row) -> str:
    is_marked = listing.marked is not None and row[listing.marked[0]] == listing.marked[1]
    return ' class="marked"' if is_marked else ""


def _groups(story: Story, groups: Groups) -> str:
    rows = story.values(groups.of)
    measures = [
        one
        for one in groups.measures
        if not one.rare or any(row[one.column] == one.value for row in rows)
    ]
    present = {row[groups.by] for row in rows}
    names = [name for name in groups.order if name in present]
    names += sorted(present - set(groups.order))
    body = "".join(
        f"<tr><td>{escape(str(name))}</td>"
        f"{_measures(measures, [row for row in rows if row[groups.by] == name])}</tr>"
        for name in names
    )
    foot = f"<tfoot><tr><td>all</td>{_measures(measures, rows)}</tr></tfoot>"
    labels = [(groups.label, False), *((one.label, True) for one in measures)]
    return f"<h2>{escape(groups.title)}</h2>{_table('groups', labels, body, foot)}"


def _measures(measures: Sequence[Measure], rows: Sequence[Row]) -> str:
    return "".join(cell(_measure(one, rows)) for one in measures)


def _measure(measure: Measure, rows: Sequence[Row]) -> str:
    if measure.field is None:
        if not measure.column:
            return number(len(rows), 0)
        return number(sum(row[measure.column] == measure.value for row in rows), 0)
    values = pd.Series([value_of(measure.field, row) for row in rows], dtype=float)
    return number(values.max() if measure.largest else values.mean())


def _funnel(story: Story, funnel: Funnel) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(step.label)}</th>{_step(story, step)}</tr>'
        for step in funnel.steps
    )
    table = f'<table class="figures">{head([("Step", False), ("Count", True)])}'
    table += f"<tbody>{rows}</tbody></table>"
    return f"<h2>{escape(funnel.title)}</h2>{_origin(story, funnel)}{table}"


def _origin(story: Story, funnel: Funnel) -> str:
    first, origin = funnel.steps[0], funnel.origin
    if origin is None or not isinstance(first, Count) or not isinstance(first.of, Lives):
        return ""
    fields = Fields(story, first.of)
    texts = sorted({fields.text(origin, row) for row in story.values(first.of)})
    names = f"{escape(origin.label)}: {', '.join(texts)}"
    return f'<p class="note">{names}</p>' if texts else ""


def _step(story: Story, step: Count | TimeShare) -> str:
    if isinstance(step, TimeShare):
        starts = story.bars[story.run.views.chart.bars.time]
        return cell(percent(time_share(step, starts, story.rows(step.message))), "%")
    if isinstance(step.of, Lives):
        count = sum(
            (not step.outcome or life.outcome == step.outcome)
            and (not step.step or life.count(step.step) > 0)
            for life in story.lives(step.of)
        )
    elif step.of == "positions":
        count = len(story.positions)
    else:
        candidates = story.candidates
        count = len(candidates)
        if step.of == "refused":
            count = int((candidates["action"] == "REFUSE").sum())
    return cell(number(count, 0))


def time_share(share: TimeShare, starts: "pd.Series[Any]", messages: pd.DataFrame) -> float | None:
    """
    Return the share of the bars in which a flag was set; None without a message before any.

    Parameters
    ----------
    share : TimeShare
        The flag.
    starts : pd.Series
        The starts of the bars, rising.
    messages : pd.DataFrame
        The messages; each holds until the next one.

    """
    rows = messages[[share.time, share.flag]].rename(columns={share.time: "time"})
    bars = pd.DataFrame({"time": starts})
    in_force = pd.merge_asof(bars, rows.sort_values("time", kind="stable"), on="time")[share.flag]
    known = in_force.dropna()
    return float(known.astype(bool).mean()) if len(known) else None


def _signals(story: Story, listing: SignalListing, chart: str) -> str:
    candidates, placed = story.candidates, listing.placed
    if candidates.empty:
        return ""
    prices = {} if placed is None else story.prices(placed)
    targets = [name for name in ("tp1", "tp2") if candidates[name].notna().any()]
    decimals = story.decimals
    rows = []
    for count, row in enumerate(candidates.to_dict(orient="records"), start=1):
        cells = [
            html_cell(link(chart, str(count), row["ts"], row["ts"])),
            f"<td>{utc(row['ts'], 'seconds')}</td><td>{text_of(row['setup'])}</td>",
            f"<td>{text_of(row['side'])}</td>",
            "" if placed is None else cell(number(prices.get(row["ts"]), decimals)),
            *(cell(number(row[name], decimals)) for name in ("entry", "stop", *targets)),
            cell(_quantity(row)),
            f"<td>{text_of(row['action'])}</td><td>{text_of(row['why'])}</td>",
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    labels = [("#", True), ("Time, UTC", False), ("Setup", False), ("Side", False)]
    labels += [] if placed is None else [(placed.label, True)]
    labels += [("Entry", True), ("Stop", True), *((name.upper(), True) for name in targets)]
    labels += [("Quantity", True), ("Action", False), ("Refused because", False)]
    table = _table("dense", labels, "".join(rows), scroll=True)
    return f"<h2>{escape(listing.title)}</h2>{table}"


def _quantity(row: Mapping[Any, Any]) -> str:
    return MISSING if pd.isna(row["quantity"]) else f"{row['quantity']:,.10g}"


def _table(
    kind: str,
    labels: Sequence[tuple[str, bool]],
    body: str,
    foot: str = "",
    scroll: bool = False,
) -> str:
    frame = "scroll" if scroll else "wide"
    return (
        f'<div class="{frame}" tabindex="0"><table class="{kind}">{head(labels)}'
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )
