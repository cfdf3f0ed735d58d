"""The views of the value area system."""

from actors.messages import MinuteFootprint
from actors.value_area.messages import ValueAreaMinute
from strategies.common.views import Band
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Footprint
from strategies.common.views import Histogram
from strategies.common.views import Line
from strategies.common.views import Pane
from strategies.common.views import Profile
from strategies.common.views import StepLine
from strategies.common.views import Style
from strategies.common.views import Views
from strategies.common.views.style import LEVEL
from strategies.common.views.style import POC


FOOTPRINT = Footprint(message=MinuteFootprint, time="ts_min")
VIEWS = Views(
    chart=Chart(
        bars=Bars(message=ValueAreaMinute, time="ts_min", seconds=60),
        elements=(
            Band(
                name="Value area",
                upper="vah",
                lower="val",
                upper_name="VAH",
                lower_name="VAL",
                style=Style(color=LEVEL, tint=0.14),
                valid="va_valid",
            ),
            StepLine(name="POC", column="poc", style=Style(color=POC, width=1.4), valid="va_valid"),
        ),
        panes=(
            Pane(title="Volume", of=Histogram(name="volume", plus=("volume",), signed=False)),
            Pane(title="Order flow|buy − sell", of=Histogram(name="order flow", plus=("of_1m",))),
            Pane(
                title="Quote|imbalance",
                of=Line(name="quote imbalance", column="qimb_ema_60s"),
                bounds=(-1.05, 1.05),
            ),
        ),
        note=(
            "Value area and POC are those at the end of a candle, missing where not valid; volume "
            "and order flow are summed over the candle, quote imbalance averaged."
        ),
        footprint=FOOTPRINT,
        profile=Profile(
            name="Volume profile",
            of=FOOTPRINT,
            minutes=240,
            width="bin_width",
            upper="vah",
            lower="val",
            peak="poc",
        ),
    ),
)
