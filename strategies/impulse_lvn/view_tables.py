"""The tables of the impulse system: from breakout to trade, levels, impulses and nodes."""

from actors.impulse.messages import DailyLevelsUpdate
from actors.impulse.messages import MarketStateUpdate
from strategies.common.views import UNFINISHED
from strategies.common.views import Count
from strategies.common.views import Field
from strategies.common.views import Form
from strategies.common.views import Funnel
from strategies.common.views import Groups
from strategies.common.views import Latest
from strategies.common.views import Listing
from strategies.common.views import Measure
from strategies.common.views import Reached
from strategies.common.views import TimeShare
from strategies.impulse_lvn.view_lives import EXTENT
from strategies.impulse_lvn.view_lives import IMPULSES
from strategies.impulse_lvn.view_lives import LEVEL_NAMES
from strategies.impulse_lvn.view_lives import MARKS
from strategies.impulse_lvn.view_lives import NODES
from strategies.impulse_lvn.view_lives import OUTCOME_STYLES
from strategies.impulse_lvn.view_lives import OUTCOMES


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
        Field(column="outcome", label="Outcome", words=OUTCOMES, styles=OUTCOME_STYLES),
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
