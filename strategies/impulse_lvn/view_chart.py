"""The chart of the impulse system: impulses, daily levels, nodes and signals."""

from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import SecondBar
from strategies.common.views import UNFINISHED
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Histogram
from strategies.common.views import Hover
from strategies.common.views import LevelGroup
from strategies.common.views import Levels
from strategies.common.views import Markers
from strategies.common.views import Pane
from strategies.common.views import Signals
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Zones
from strategies.common.views.style import INK
from strategies.common.views.style import POC
from strategies.impulse_lvn.view_lives import AT_NODE
from strategies.impulse_lvn.view_lives import EXTENT
from strategies.impulse_lvn.view_lives import IMPULSES
from strategies.impulse_lvn.view_lives import MARKS
from strategies.impulse_lvn.view_lives import NODES
from strategies.impulse_lvn.view_lives import OUTCOME_STYLES
from strategies.impulse_lvn.view_lives import OUTCOMES
from strategies.impulse_lvn.view_lives import STATE_STYLES
from strategies.impulse_lvn.view_lives import STATES


LEVELS = Levels(
    message=DailyLevelsUpdate,
    groups=(
        LevelGroup(
            name="Prior day", columns=("pdh", "pdl", "pdc"), style=Style(color=INK, width=1.1)
        ),
        LevelGroup(
            name="Overnight",
            columns=("onh", "onl"),
            style=Style(color="#3f6f8f", width=1.1, dash="dash"),
        ),
        LevelGroup(
            name="Value area",
            columns=("vah", "val", "poc"),
            style=Style(color="#8a6d1f", width=1.1),
        ),
    ),
    blocked="reason",
)
CHART = Chart(
    bars=Bars(message=SecondBar, time="ts_second", seconds=1),
    elements=(
        Zones(
            name="Impulse",
            of=IMPULSES,
            first="start_price",
            last="extreme",
            outcomes=OUTCOMES,
            styles=OUTCOME_STYLES,
            hover=Hover(
                lines=(
                    "*{arrow} {level} breakout: {outcome}*, score {score} of 5",
                    ", ".join(f"{{{column}}} {name}" for column, name in MARKS.items()),
                    "{extent} points in {bars} bars, {lasted} s",
                ),
                fields={
                    "arrow": Field(column="direction", words={"Up": "▲", "Down": "▼"}),
                    "level": Field(column="level"),
                    "outcome": Field(column="outcome", words=OUTCOMES),
                    "score": Field(column="score", form=Form.COUNT),
                    **{name: Field(column=name, form=Form.MARK) for name in MARKS},
                    "extent": EXTENT,
                    "bars": Field(column="bars", form=Form.COUNT),
                    "lasted": Field(column="finish", other="begin", form=Form.SECONDS),
                },
            ),
        ),
        LEVELS,
        Trails(of=NODES, price="price", states=STATES, styles=STATE_STYLES),
        Markers(
            name="LVN found",
            of=NODES,
            price="price",
            symbol="line-ns-open",
            color=POC,
            hover=Hover(
                lines=("*LVN {price}*, {ratio} % of the average bucket", "{steps}, {end} {last}"),
                fields={
                    "price": Field(column="price", form=Form.PRICE),
                    "ratio": Field(column="ratio", form=Form.PERCENT),
                    "steps": Field(
                        column="steps",
                        form=Form.TALLY,
                        words={
                            "TOUCHED": "touched",
                            "ARMED": "armed",
                            "RETESTING": "retested",
                            "SIGNAL": "signal",
                        },
                        missing="never touched",
                    ),
                    "end": Field(
                        column="outcome", words={"DROPPED": "dropped", UNFINISHED: "until"}
                    ),
                    "last": Field(column="finish", form=Form.CLOCK),
                },
            ),
        ),
        Signals(placed=AT_NODE),
    ),
    panes=(
        Pane(
            title="Delta|buy − sell",
            of=Histogram(name="delta", plus=("buy",), minus=("sell",)),
        ),
    ),
    note=(
        "Boxes are impulses from breakout to end, between first open and extreme; the small square "
        "at their start has the marks. Bands are low volume nodes, the darker the nearer to a "
        "trade. Labels name the daily levels; ▲ and ▼ those out of view."
    ),
)
