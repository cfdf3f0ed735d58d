"""The views of the impulse system."""

from strategies.common.views import SignalListing
from strategies.common.views import Views
from strategies.impulse_lvn.view_chart import CHART
from strategies.impulse_lvn.view_lives import AT_NODE
from strategies.impulse_lvn.view_tables import BREAKOUTS
from strategies.impulse_lvn.view_tables import DAILY_LEVELS
from strategies.impulse_lvn.view_tables import FUNNEL
from strategies.impulse_lvn.view_tables import IMPULSE_LISTING
from strategies.impulse_lvn.view_tables import NODE_LISTING


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
