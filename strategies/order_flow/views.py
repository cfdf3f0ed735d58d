"""What belongs on the picture of the order flow system."""

from actors.footprint.messages import FootprintBar
from actors.footprint.messages import FootprintZone
from actors.footprint.patterns import Direction
from actors.footprint.patterns import Pattern
from actors.messages.tiers import TierChanged
from actors.regime.messages import RegimePhase
from strategies.common.views import UNFINISHED
from strategies.common.views import Band
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Field
from strategies.common.views import Footprint
from strategies.common.views import Form
from strategies.common.views import Groups
from strategies.common.views import Histogram
from strategies.common.views import Hover
from strategies.common.views import Latest
from strategies.common.views import Line
from strategies.common.views import Listing
from strategies.common.views import Lives
from strategies.common.views import Markers
from strategies.common.views import Measure
from strategies.common.views import Pane
from strategies.common.views import Profile
from strategies.common.views import SignalListing
from strategies.common.views import Signals
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Views
from strategies.common.views import Zones
from strategies.common.views.style import BUY
from strategies.common.views.style import GREEN
from strategies.common.views.style import INK
from strategies.common.views.style import LEVEL
from strategies.common.views.style import ORANGE
from strategies.common.views.style import POC
from strategies.order_flow.router import RULES


REGIMES = {
    "TRENDING_UP": "trending up",
    "TRENDING_DOWN": "trending down",
    "RANGING": "ranging",
    "VOLATILE": "volatile",
    "NO_TRADE": "not traded",
    UNFINISHED: "still in force",
}
REGIME_STYLES = {
    "TRENDING_UP": Style(color=GREEN, tint=0.10),
    "TRENDING_DOWN": Style(color=ORANGE, tint=0.10),
    "RANGING": Style(color=BUY, tint=0.08),
    "VOLATILE": Style(color=POC, tint=0.08),
    "NO_TRADE": Style(color=LEVEL, dash="dot", tint=0.04),
    UNFINISHED: Style(color=INK, dash="longdash", tint=0.04),
}
PHASES = Lives(
    message=RegimePhase,
    key=("since",),
    time="ts_start",
    born="BEGIN",
    ends=("TRENDING_UP", "TRENDING_DOWN", "RANGING", "VOLATILE", "NO_TRADE"),
    begin="since",
)
PATTERN_ENDS = {
    "BROKEN": "broken",
    "REVISITED": "revisited",
    "EXPIRED": "expired",
    UNFINISHED: "still there",
}
PATTERNS = Lives(
    message=FootprintZone,
    key=("created_ts", "pattern", "price"),
    time="ts_start",
    born="CREATED",
    steps=("TOUCHED",),
    ends=("BROKEN", "REVISITED", "EXPIRED"),
)
PATTERN_HOVER = Hover(
    lines=("*{pattern}, {direction}*", "strength {strength}, {outcome}"),
    fields={
        "pattern": Field(column="pattern"),
        "direction": Field(column="direction"),
        "strength": Field(column="strength", form=Form.NUMBER),
        "outcome": Field(column="outcome", words=PATTERN_ENDS),
    },
)
# Single imbalances are in almost every bar and would cover the candles.
TRADED = tuple(
    pattern.value
    for pattern in Pattern
    if any(pattern in rules.enabled for rules in RULES.values())
)
FOOTPRINT = Footprint(
    message=FootprintBar,
    time="ts_start",
    ticks="levels",
    buy="level_buy",
    sell="level_sell",
    unsigned="level_unsigned",
)
EXTENT = Field(column="high", other="low", form=Form.DISTANCE, label="Range")

CHART = Chart(
    bars=Bars(message=FootprintBar, time="ts_start", seconds=300),
    elements=(
        Zones(
            name="Regime",
            of=PHASES,
            first="low",
            last="high",
            outcomes=REGIMES,
            styles=REGIME_STYLES,
            hover=Hover(
                lines=("*{regime}, {bars} bars*", "confidence {confidence}, range {extent}"),
                fields={
                    "regime": Field(column="regime", words=REGIMES),
                    "bars": Field(column="bars", form=Form.COUNT),
                    "confidence": Field(column="confidence", form=Form.NUMBER),
                    "extent": EXTENT,
                },
            ),
        ),
        Band(
            name="Value area of the session",
            upper="session_vah",
            lower="session_val",
            upper_name="VAH",
            lower_name="VAL",
            style=Style(color=LEVEL, tint=0.05),
            valid="in_session",
        ),
        StepLine(
            name="POC of the session",
            column="session_poc",
            style=Style(color=POC, width=1, dash="dot"),
            valid="in_session",
        ),
        *(
            Markers(
                name=name,
                of=PATTERNS,
                price="price",
                symbol="diamond",
                color=color,
                hover=PATTERN_HOVER,
                only={"pattern": TRADED, "direction": (direction.value,)},
                in_legend=True,
            )
            for name, direction, color in (
                ("Long pattern", Direction.LONG, GREEN),
                ("Short pattern", Direction.SHORT, ORANGE),
            )
        ),
        Signals(),
    ),
    panes=(
        Pane(
            title="Delta|buy − sell",
            of=Histogram(name="delta", plus=("buy",), minus=("sell",)),
        ),
        Pane(title="CVD|session", of=Line(name="cumulative delta", column="cvd")),
    ),
    note=(
        "Boxes are regimes, from the bar that brings one to the bar that brings another. Diamonds "
        "are patterns that some regime trades, at their price, which the market has left when the "
        "bar closes: an entry is filled at the next tradable price. The footprint appears where "
        "few candles are in view."
    ),
    footprint=FOOTPRINT,
    profile=Profile(name="Volume profile", of=FOOTPRINT, minutes=390),
)
BY_REGIME = Groups(
    title="Regimes",
    of=PHASES,
    by="regime",
    label="Regime",
    measures=(
        Measure(label="Phases"),
        Measure(label="Mean bars", field=Field(column="bars", form=Form.NUMBER)),
        Measure(label="Longest", field=Field(column="bars", form=Form.COUNT), largest=True),
        Measure(label="Mean range", field=EXTENT),
    ),
    order=("TRENDING_UP", "TRENDING_DOWN", "RANGING", "VOLATILE", "NO_TRADE"),
)
BY_PATTERN = Groups(
    title="Patterns",
    of=PATTERNS,
    by="pattern",
    label="Pattern",
    measures=(
        Measure(label="Found"),
        Measure(label="Mean strength", field=Field(column="strength", form=Form.NUMBER)),
        Measure(label="Broken", column="outcome", value="BROKEN"),
        Measure(label="Revisited", column="outcome", value="REVISITED", rare=True),
        Measure(label="Expired", column="outcome", value="EXPIRED"),
    ),
)
REGIME_LISTING = Listing(
    title="Regimes in order",
    of=PHASES,
    note="Confidence is that of the last bar. The number leads to the chart.",
    fields=(
        Field(column="number", label="#", form=Form.LINK),
        Field(column="begin", label="Begin, UTC", form=Form.TIME),
        Field(column="finish", label="End", form=Form.CLOCK),
        Field(column="regime", label="Regime", words=REGIMES),
        Field(column="bars", label="Bars", form=Form.COUNT),
        Field(column="confidence", label="Confidence", form=Form.NUMBER),
        EXTENT,
        Field(column="delta", label="Delta", form=Form.COUNT),
    ),
)
TIER_LISTING = Listing(
    title="Changes of the capital tier",
    of=Latest(message=TierChanged, by="ts"),
    note=(
        "Those that lead to this contract. A change to another contract waits until nothing is "
        "open; from then on only the strategy of the new contract enters."
    ),
    fields=(
        Field(column="ts", label="Time, UTC", form=Form.TIME),
        Field(column="from_name", label="From"),
        Field(column="from_root", label="Contract"),
        Field(column="to_name", label="To"),
        Field(column="to_root", label="Contract"),
        Field(column="balance", label="Balance", form=Form.NUMBER),
        Field(column="max_contracts", label="Most contracts", form=Form.COUNT),
        Field(column="daily_loss_limit", label="Loss limit of the day", form=Form.NUMBER),
    ),
)

VIEWS = Views(
    chart=CHART,
    sections=(
        (BY_REGIME,),
        (BY_PATTERN,),
        (TIER_LISTING,),
        (REGIME_LISTING,),
        (SignalListing(title="Signals"),),
    ),
)
