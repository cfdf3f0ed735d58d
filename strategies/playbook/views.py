"""What belongs on the picture of the playbook."""

from actors.market_context.messages import MarketContextMinute
from actors.market_context.messages import SessionBalance
from actors.messages import MinuteFootprint
from strategies.common.views import UNFINISHED
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Count
from strategies.common.views import Criterion
from strategies.common.views import Field
from strategies.common.views import Footprint
from strategies.common.views import Form
from strategies.common.views import Funnel
from strategies.common.views import Groups
from strategies.common.views import Histogram
from strategies.common.views import Hover
from strategies.common.views import Latest
from strategies.common.views import LevelGroup
from strategies.common.views import Levels
from strategies.common.views import Line
from strategies.common.views import Listing
from strategies.common.views import Lives
from strategies.common.views import Measure
from strategies.common.views import Pane
from strategies.common.views import Profile
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Trails
from strategies.common.views import Views
from strategies.common.views import Zones
from strategies.common.views.style import BUY
from strategies.common.views.style import GREEN
from strategies.common.views.style import INK
from strategies.common.views.style import LEVEL
from strategies.common.views.style import ORANGE
from strategies.common.views.style import POC
from strategies.playbook.messages import BreakoutAttempt
from strategies.playbook.messages import LegNodeEvent
from strategies.playbook.messages import SetupSignal


SESSION = (SessionBalance, "session_start")
OUTCOMES = {
    "SIGNAL": "Signal",
    "RETURN": "Returned inside",
    "OUTSIDE_AGAIN": "Outside again",
    "POC_REACHED": "POC reached",
    "NO_NODE": "No node",
    "EXPIRED": "Expired",
    UNFINISHED: "Unfinished",
}
OUTCOME_STYLES = {
    "SIGNAL": Style(color=GREEN, tint=0.22),
    "RETURN": Style(color=ORANGE, dash="dash", tint=0.10),
    "OUTSIDE_AGAIN": Style(color=BUY, dash="dashdot", tint=0.08),
    "POC_REACHED": Style(color=POC, dash="dot", tint=0.08),
    "NO_NODE": Style(color=LEVEL, dash="dot", tint=0.06),
    "EXPIRED": Style(color=LEVEL, dash="dash", tint=0.08),
    UNFINISHED: Style(color=INK, dash="longdash", tint=0.05),
}
ATTEMPTS = Lives(
    message=BreakoutAttempt,
    key=("strategy_id", "started"),
    time="ts_min",
    ends=("SIGNAL", "RETURN", "OUTSIDE_AGAIN", "POC_REACHED", "NO_NODE", "EXPIRED"),
    begin="started",
    steps=("LEG_READY", "LEG_EXTENDS", "RECLAIM", "RLEG_READY", "RLEG_EXTENDS", "NODE_BROKEN"),
    until=SESSION,
)
STEPS = {
    "LEG_READY": "leg ready",
    "LEG_EXTENDS": "leg extends",
    "RECLAIM": "reclaimed",
    "RLEG_READY": "way back ready",
    "RLEG_EXTENDS": "way back extends",
    "NODE_BROKEN": "node broken",
}
NODES = Lives(
    message=LegNodeEvent,
    key=("strategy_id", "started", "low", "high"),
    time="ts_min",
    born="FOUND",
    ends=("SIGNAL", "BROKEN", "DROPPED"),
    steps=("TOUCHED",),
    first_state="WAITING",
    until=SESSION,
)
NODE_STATES = {"WAITING": "Leg node", "TOUCHED": "Leg node, touched"}
NODE_STYLES = {
    "WAITING": Style(color="#b58fd6", width=3),
    "TOUCHED": Style(color="#d1178f", width=5),
}
FOOTPRINT = Footprint(message=MinuteFootprint, time="ts_min")
EXTENT = Field(column="extreme", other="origin", form=Form.DISTANCE, label="Leg")

CHART = Chart(
    bars=Bars(message=MarketContextMinute, time="ts_min", seconds=60),
    elements=(
        Zones(
            name="Attempt",
            of=ATTEMPTS,
            first="edge",
            last="extreme",
            outcomes=OUTCOMES,
            styles=OUTCOME_STYLES,
            hover=Hover(
                lines=("*{side} of the balance: {outcome}*", "leg of {extent}, {steps}"),
                fields={
                    "side": Field(column="side", words={"UP": "▲ Above", "DOWN": "▼ Below"}),
                    "outcome": Field(column="outcome", words=OUTCOMES),
                    "extent": EXTENT,
                    "steps": Field(
                        column="steps", form=Form.TALLY, words=STEPS, missing="no leg was ready"
                    ),
                },
            ),
        ),
        Levels(
            message=SessionBalance,
            groups=(
                LevelGroup(
                    name="Balance",
                    columns=("vah", "val"),
                    style=Style(color="#8a6d1f", width=1.3),
                ),
                LevelGroup(name="Balance POC", columns=("poc",), style=Style(color=POC, width=1.3)),
            ),
        ),
        StepLine(
            name="POC of the last hour", column="poc", style=Style(color=LEVEL, width=1, dash="dot")
        ),
        Trails(of=NODES, price="price", states=NODE_STATES, styles=NODE_STYLES),
        Signals(),
    ),
    panes=(
        Pane(
            title="Delta|buy − sell",
            of=Histogram(name="delta", plus=("buy",), minus=("sell",)),
        ),
        Pane(title="Flow|score", of=Line(name="flow score", column="flow_score"), bounds=(0, 105)),
        Pane(
            title="State|confidence",
            of=Line(name="confidence of the state", column="confidence"),
            bounds=(0, 105),
        ),
    ),
    note=(
        "Boxes are breakout attempts of the last session's balance, from the edge to the extreme; "
        "bands are low volume nodes of their legs. Delta is summed over a candle, score and "
        "confidence are averaged."
    ),
    footprint=FOOTPRINT,
    profile=Profile(name="Volume profile", of=FOOTPRINT, minutes=60),
)
FUNNEL = Funnel(
    title="From breakout to trade",
    steps=(
        Count(label="Attempts", of=ATTEMPTS),
        Count(label="Leg ready", of=ATTEMPTS, step="LEG_READY"),
        Count(label="Failed, reclaimed", of=ATTEMPTS, step="RECLAIM"),
        Count(label="… way back ready", of=ATTEMPTS, step="RLEG_READY"),
        Count(label="Leg nodes", of=NODES),
        Count(label="… touched, refused", of=NODES, step="TOUCHED"),
        Count(label="Complete signals", of=NODES, outcome="SIGNAL"),
        Count(label="Signals and refusals", of="signals"),
        Count(label="… refused", of="refused"),
        Count(label="Positions", of="positions"),
    ),
)
BY_SIDE = Groups(
    title="Attempts by side",
    of=ATTEMPTS,
    by="side",
    label="Side",
    measures=(
        Measure(label="Attempts"),
        *(
            Measure(label=name, column="outcome", value=outcome, rare=outcome == UNFINISHED)
            for outcome, name in OUTCOMES.items()
        ),
        Measure(label="Mean leg", field=EXTENT),
    ),
    order=("UP", "DOWN"),
)
BALANCES = Listing(
    title="Balances",
    of=Latest(message=SessionBalance, by="session_start"),
    fields=(
        Field(column="session_start", label="Session, UTC", form=Form.TIME),
        Field(column="val", label="VAL", form=Form.PRICE),
        Field(column="poc", label="POC", form=Form.PRICE),
        Field(column="vah", label="VAH", form=Form.PRICE),
    ),
)
ATTEMPT_LISTING = Listing(
    title="Attempts",
    of=ATTEMPTS,
    note="A leg goes from its origin to its extreme. The number leads to the chart.",
    marked=("outcome", "SIGNAL"),
    marked_name="attempts with a signal",
    fields=(
        Field(column="number", label="#", form=Form.LINK),
        Field(column="begin", label="Breakout, UTC", form=Form.TIME),
        Field(column="finish", label="End", form=Form.CLOCK),
        Field(column="side", label="Side"),
        Field(column="outcome", label="Outcome", words=OUTCOMES, styles=OUTCOME_STYLES),
        Field(column="edge", label="Edge", form=Form.PRICE),
        EXTENT,
        Field(column="latched", label="Imbalance", form=Form.MARK),
        Field(column="nodes", label="Nodes", form=Form.COUNT),
        Field(column="steps", label="Steps", form=Form.STEPS, words=STEPS),
    ),
)
SETUPS = Listing(
    title="Signals and refusals at nodes",
    of=Latest(message=SetupSignal, by="ts_min"),
    note="What was missing, in words; what the gate made of a signal stands in the decisions.",
    marked=("outcome", "SIGNAL"),
    marked_name="signals",
    fields=(
        Field(column="ts_min", label="Minute, UTC", form=Form.TIME),
        Field(column="setup", label="Setup"),
        Field(column="side", label="Side"),
        Field(column="outcome", label="Outcome"),
        Field(column="missing", label="Missing"),
        Field(column="state", label="State"),
        Field(column="score", label="Score", form=Form.COUNT),
        Field(column="confidence", label="Confidence", form=Form.COUNT),
        Field(column="rr", label="R:R", form=Form.NUMBER),
        Field(column="target_basis", label="Target"),
    ),
)
# The seed's own; the reward is that realised, of the mean win by the mean loss.
CRITERIA = (
    Criterion(label="Win rate", figure="win_rate", above=0.5, is_share=True),
    Criterion(label="Reward to risk", figure="average_win", over="average_loss", above=1.5),
    Criterion(label="Profit factor", figure="profit_factor", above=1.5),
    Criterion(label="Relative drawdown", figure="max_drawdown_pct", below=0.1, is_share=True),
    Criterion(label="Sharpe, daily", figure="sharpe", above=1),
)

VIEWS = Views(
    chart=CHART,
    sections=(
        (FUNNEL, BY_SIDE),
        (BALANCES,),
        (ATTEMPT_LISTING,),
        (SETUPS,),
    ),
    criteria=CRITERIA,
)
