"""What belongs on the picture of the channel system."""

from strategies.common.views import Band
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Histogram
from strategies.common.views import Pane
from strategies.common.views import Style
from strategies.common.views import Views
from strategies.common.views.style import LEVEL
from tests.toy.messages import ChannelMinute


VIEWS = Views(
    chart=Chart(
        bars=Bars(message=ChannelMinute, time="ts_min", seconds=60),
        elements=(
            Band(
                name="Channel",
                upper="highest",
                lower="lowest",
                upper_name="highest",
                lower_name="lowest",
                style=Style(color=LEVEL, tint=0.14),
                valid="warm",
            ),
        ),
        panes=(Pane(title="Volume", of=Histogram(name="volume", plus=("volume",), signed=False)),),
        note="The channel is that of the closes before a candle's last minute.",
    ),
)
