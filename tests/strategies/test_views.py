"""Views of every system name what there is, and a wrong one is named in one line."""

from dataclasses import replace

import pytest

from actors.messages import DataSilence
from actors.messages.tiers import TierChanged
from actors.regime.messages import RegimeBar
from strategies.common.views import Chart
from strategies.common.views import Count
from strategies.common.views import Element
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Funnel
from strategies.common.views import Hover
from strategies.common.views import Latest
from strategies.common.views import Listing
from strategies.common.views import Markers
from strategies.common.views import Placed
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Views
from strategies.common.views import Zones
from strategies.common.views.checks import problems
from strategies.common.views.checks import uses
from strategies.impulse_lvn.view_chart import CHART
from strategies.impulse_lvn.view_lives import IMPULSES
from strategies.impulse_lvn.view_lives import NODES
from strategies.impulse_lvn.views import VIEWS


STYLE = Style(color="#000000")
(ZONES,) = [element for element in CHART.elements if isinstance(element, Zones)]
(MARKERS,) = [element for element in CHART.elements if isinstance(element, Markers)]
(TRAILS,) = [element for element in CHART.elements if isinstance(element, Trails)]


def with_element(element: Element) -> Views:
    return Views(chart=replace(CHART, elements=(element,)))


def with_section(section: Listing | Funnel) -> Views:
    return Views(chart=Chart(bars=CHART.bars), sections=((section,),))


@pytest.mark.parametrize(
    ("views", "message"),
    [
        (
            Views(chart=Chart(bars=replace(CHART.bars, close="last"))),
            "candles: SecondBar has no column `last`",
        ),
        (
            with_element(StepLine(name="VWAP", column="vwap", style=STYLE)),
            "VWAP: SecondBar has no column `vwap`",
        ),
        (
            with_element(replace(ZONES, first="begin_price")),
            "Impulse: ImpulseTransition has no column `begin_price`",
        ),
        (
            Views(chart=Chart(bars=replace(CHART.bars, time="close"))),
            "candles: column `close` of SecondBar is of kind Ticks, not Time",
        ),
        (
            with_element(StepLine(name="VWAP", column="ts_second", style=STYLE)),
            "VWAP: column `ts_second` of SecondBar is of kind Time, not Price or Ticks",
        ),
        (
            with_element(StepLine(name="VWAP", column="close", style=STYLE, valid="close")),
            "VWAP: column `close` of SecondBar is of kind Ticks, not Flag",
        ),
        (
            with_section(
                Listing(title="Lives", of=IMPULSES, fields=(Field(column="event", form=Form.TIME),))
            ),
            "Lives: column `event` of ImpulseTransition is of kind Text, not Time",
        ),
        (
            with_element(replace(ZONES, hover=Hover(lines=("{what}",), fields={}))),
            "Impulse: there is no field of the hover `what`",
        ),
        (
            with_element(replace(ZONES, outcomes={"WON": "won"}, styles={"WON": STYLE})),
            "Impulse: there is no outcome `WON`",
        ),
        (
            with_element(replace(ZONES, styles={})),
            "Impulse: there is no style of outcome `COMPLETE`",
        ),
        (
            with_element(replace(TRAILS, states={"SOLD": "sold"}, styles={"SOLD": STYLE})),
            "trails: there is no state `SOLD`",
        ),
        (
            with_element(Signals(placed=Placed(label="LVN", of=NODES, step="SOLD", price="price"))),
            "LVN: there is no step `SOLD`",
        ),
        (
            with_section(Listing(title="Lives", of=IMPULSES, fields=(Field(column="x"),))),
            "Lives: ImpulseTransition has no column `x`",
        ),
        (
            with_element(replace(MARKERS, only={"colour": ("red",)})),
            f"{MARKERS.name}: {MARKERS.of.message.__name__} has no column `colour`",
        ),
        (
            with_section(
                Listing(title="Gaps", of=Latest(message=DataSilence, by="day"), fields=())
            ),
            "Gaps: DataSilence has no column `day`",
        ),
        (
            with_section(Funnel(title="Way", steps=(Count(label="All", of="trades"),))),
            "All: there is no rows `trades`",
        ),
        (
            with_section(
                Funnel(title="Way", steps=(Count(label="Won", of=IMPULSES, outcome="WON"),))
            ),
            "Won: there is no outcome `WON`",
        ),
    ],
)
def test_a_view_that_names_what_does_not_exist_is_a_problem(views: Views, message: str) -> None:
    found = problems(views)
    assert found[0] == message
    assert not any("\n" in line for line in found)


def test_a_message_without_a_table_cannot_be_shown() -> None:
    listing = Listing(title="Gaps", of=Latest(message=DataSilence, by="silent_s"), fields=())
    assert "views: a run keeps no table of DataSilence" in problems(with_section(listing))


def test_each_message_is_listed_by_its_time() -> None:
    time = Field(column="ts", label="Time, UTC")
    every = Listing(title="Tiers", of=Latest(message=TierChanged, by="ts"), fields=(time,))
    assert problems(with_section(every)) == []
    # The table of regimes has the times of its bars alone.
    assert RegimeBar.TABLE is not None
    assert RegimeBar.TABLE.ts == "none"
    bars = Listing(title="Bars", of=Latest(message=RegimeBar, by="ts"), fields=())
    assert problems(with_section(bars)) == ["Bars: RegimeBar has no column `ts`"]


def test_columns_are_named_once_for_each_view() -> None:
    named = uses(VIEWS)
    assert len(named) == len(set(named))
    assert {"tick_size", "number", "begin", "outcome"}.isdisjoint(use.column for use in named)
