"""What belongs on the picture of the impulse system."""

from actors.messages import DailyLevelsUpdate
from actors.messages import ImpulseTransition
from actors.messages import LvnVisit
from actors.messages import MarketStateUpdate
from actors.messages import SecondBar
from strategies.common.views import UNFINISHED
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Count
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Funnel
from strategies.common.views import Groups
from strategies.common.views import Histogram
from strategies.common.views import Hover
from strategies.common.views import Latest
from strategies.common.views import LevelGroup
from strategies.common.views import Levels
from strategies.common.views import Listing
from strategies.common.views import Lives
from strategies.common.views import Look
from strategies.common.views import Markers
from strategies.common.views import Measure
from strategies.common.views import Pane
from strategies.common.views import Placed
from strategies.common.views import Reached
from strategies.common.views import SignalListing
from strategies.common.views import Signals
from strategies.common.views import TimeShare
from strategies.common.views import Trails
from strategies.common.views import Views
from strategies.common.views import Zones
from strategies.common.views.look import BUY
from strategies.common.views.look import GREEN
from strategies.common.views.look import INK
from strategies.common.views.look import LEVEL
from strategies.common.views.look import ORANGE
from strategies.common.views.look import POC


DAY = (DailyLevelsUpdate, "day")
# The machine of the market never trades: it is shown where no strategy has one.
MARKET = ("source", "MARKET")
LEVEL_NAMES = ("pdh", "pdl", "pdc", "onh", "onl", "poc", "vah", "val")

IMPULSES = Lives(
    message=ImpulseTransition,
    key=("source", "impulse_id"),
    time="ts_second",
    begin="start",
    ends=("COMPLETE", "INVALID_TIMEOUT", "INVALID_RETRACE", "SWITCHED"),
    after=("HUNT_TIMEOUT", "SWITCHED"),
    until=DAY,
    fallback=MARKET,
)
OUTCOMES = {
    "COMPLETE": "Complete",
    "INVALID_TIMEOUT": "Timed out",
    "INVALID_RETRACE": "Retraced",
    "SWITCHED": "Switched",
    UNFINISHED: "Unfinished",
}
OUTCOME_LOOKS = {
    "COMPLETE": Look(color=GREEN, tint=0.22),
    "INVALID_TIMEOUT": Look(color=LEVEL, dash="dot", tint=0.08),
    "INVALID_RETRACE": Look(color=ORANGE, dash="dash", tint=0.14),
    "SWITCHED": Look(color=BUY, dash="dashdot", tint=0.12),
    UNFINISHED: Look(color=INK, dash="longdash", tint=0.05),
}
MARKS = {
    "broke_swing": "broke swing",
    "fast": "fast",
    "uniform": "uniform",
    "volume_mark": "volume",
    "size": "size",
}
EXTENT = Field(column="extreme", other="start_price", form=Form.DISTANCE, label="Extent")

NODES = Lives(
    message=LvnVisit,
    key=("source", "price"),
    time="ts_second",
    born="FOUND",
    same=("impulse_id",),
    ends=("DROPPED",),
    steps=("TOUCHED", "ARMED", "RETESTING", "SIGNAL"),
    first_state="UNTOUCHED",
    # A signal takes a node back.
    states=(("SIGNAL", "TOUCHED"),),
    until=DAY,
    fallback=MARKET,
)
STATES = {
    "UNTOUCHED": "LVN untouched",
    "TOUCHED": "LVN touched",
    "ARMED": "LVN armed",
    "RETESTING": "LVN retesting",
}
STATE_LOOKS = {
    "UNTOUCHED": Look(color="#d8c6e8", width=3),
    "TOUCHED": Look(color="#b58fd6", width=3),
    "ARMED": Look(color="#8146b8", width=4),
    "RETESTING": Look(color="#d1178f", width=6),
}
AT_NODE = Placed(label="LVN", of=NODES, step="SIGNAL", price="price")

LEVELS = Levels(
    message=DailyLevelsUpdate,
    groups=(
        LevelGroup(
            name="Prior day", columns=("pdh", "pdl", "pdc"), look=Look(color=INK, width=1.1)
        ),
        LevelGroup(
            name="Overnight",
            columns=("onh", "onl"),
            look=Look(color="#3f6f8f", width=1.1, dash="dash"),
        ),
        LevelGroup(
            name="Value area",
            columns=("vah", "val", "poc"),
            look=Look(color="#8a6d1f", width=1.1),
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
            looks=OUTCOME_LOOKS,
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
        Trails(of=NODES, price="price", states=STATES, looks=STATE_LOOKS),
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

FUNNEL = Funnel(
    title="From breakout to trade",
    steps=(
        Count(label="Breakouts", of=IMPULSES),
        Count(label="Impulses completed", of=IMPULSES, outcome="COMPLETE"),
        Count(label="Low volume nodes", of=NODES),
        Count(label="… touched", of=NODES, step="TOUCHED"),
        Count(label="… armed", of=NODES, step="ARMED"),
        Count(label="… tested again", of=NODES, step="RETESTING"),
        Count(label="Signals", of="signals"),
        Count(label="… refused", of="refused"),
        Count(label="Positions", of="positions"),
        TimeShare(
            label="Market imbalanced",
            message=MarketStateUpdate,
            time="ts_second",
            flag="imbalanced",
        ),
    ),
    origin=Field(column="source", label="Impulses of", words={"MARKET": "market, not traded"}),
)
BREAKOUTS = Groups(
    title="Breakouts by level",
    of=IMPULSES,
    by="level",
    label="Level",
    measures=(
        Measure(label="Breakouts"),
        Measure(label="Up", column="direction", value="Up"),
        Measure(label="Down", column="direction", value="Down"),
        *(
            Measure(
                label=name,
                column="outcome",
                value=outcome,
                rare=outcome in ("SWITCHED", UNFINISHED),
            )
            for outcome, name in OUTCOMES.items()
        ),
        Measure(label="Mean score", field=Field(column="score", form=Form.NUMBER)),
        Measure(label="Mean extent", field=EXTENT),
        Measure(label="Largest", field=EXTENT, largest=True),
    ),
    order=("PDH", "PDL", "ONH", "ONL", "VAH", "VAL"),
)
DAILY_LEVELS = Listing(
    title="Daily levels",
    of=Latest(message=DailyLevelsUpdate, by="day"),
    fields=(
        Field(column="day", label="Trading day"),
        Field(column="prior_day", label="Levels of"),
        *(Field(column=name, label=name.upper(), form=Form.PRICE) for name in LEVEL_NAMES),
        Field(column="opens_at", other="closes_at", label="Regular hours, UTC", form=Form.HOURS),
        Field(column="reason", label="Not in force"),
    ),
)
IMPULSE_LISTING = Listing(
    title="Impulses",
    of=IMPULSES,
    note="Extent in points, volume in lots. The number leads to the chart.",
    marked=("outcome", "COMPLETE"),
    marked_name="impulses that completed",
    fields=(
        Field(column="number", label="#", form=Form.LINK),
        Field(column="begin", label="Breakout, UTC", form=Form.TIME),
        Field(column="finish", label="End", form=Form.CLOCK),
        Field(column="level", label="Level"),
        Field(column="direction", label="Side"),
        Field(column="outcome", label="Outcome", words=OUTCOMES, looks=OUTCOME_LOOKS),
        EXTENT,
        Field(column="bars", label="Bars", form=Form.COUNT),
        Field(column="volume", label="Volume", form=Form.COUNT),
        Field(column="score", label="Score", form=Form.COUNT),
        *(
            Field(column=column, label=name.capitalize(), form=Form.MARK)
            for column, name in MARKS.items()
        ),
        Field(column="nodes", label="LVNs", form=Form.COUNT),
        Field(
            column="after",
            label="Then",
            words={"HUNT_TIMEOUT": "hunt timed out", "SWITCHED": "switched"},
            reached=Reached(lives=NODES, step="SIGNAL", word="signal"),
        ),
    ),
)
NODE_LISTING = Listing(
    title="Low volume nodes",
    of=NODES,
    note="A touch is a close near the node, armed one that has left it, retest the next near it.",
    fields=(
        Field(column="number", label="#", form=Form.LINK),
        Field(column="price", label="Price", form=Form.PRICE),
        Field(column="impulse_id", label="Impulse", form=Form.REFERENCE, lives=IMPULSES),
        Field(column="direction", label="Side"),
        Field(column="ratio", label="Of average", form=Form.PERCENT),
        Field(column="volume", label="Lots", form=Form.COUNT),
        Field(column="begin", label="Found, UTC", form=Form.TIME),
        Field(
            column="steps",
            label="Visits",
            form=Form.STEPS,
            words={
                "TOUCHED": "touched",
                "ARMED": "armed",
                "RETESTING": "retest",
                "SIGNAL": "signal",
            },
        ),
        Field(column="finish", label="Until", form=Form.CLOCK),
        Field(
            column="outcome",
            label="End",
            words={"DROPPED": "dropped", UNFINISHED: "day, data or replaced"},
        ),
    ),
)

VIEWS = Views(
    chart=CHART,
    sections=(
        (FUNNEL, BREAKOUTS),
        (DAILY_LEVELS,),
        (IMPULSE_LISTING,),
        (NODE_LISTING,),
        (SignalListing(title="Signals", placed=AT_NODE),),
    ),
)
