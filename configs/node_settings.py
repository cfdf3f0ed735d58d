"""Settings of a node's runner: its checks, limits and control channel."""

import msgspec

from indicators.constraints import NonNegativeFloat
from indicators.constraints import NonNegativeInt
from indicators.constraints import PositiveFloat
from indicators.constraints import PositiveInt


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Configures the runner of a node.

    Parameters
    ----------
    start_timeout_s : PositiveFloat, default 60
        How long a node may take until its strategies run (s); it ends after that.
    stale_after_s : PositiveFloat, default 10
        Without a quote for so long, data count as stale: an alert, and nothing is entered (s).
    recorded : str or None, default None
        The catalog of a recorder (`auction record`), from which actors are warmed up before any
        other source. One that does not exist is left out.
    recent_trades_from : tuple[str, ...], default ()
        The venues whose recent trades close the way from the catalog to the present. Others have
        none, or charge for them.
    recent_bars_from : tuple[str, ...], default ()
        The venues whose past bars do, for actors that take bars.
    position_look_s : PositiveFloat, default 5
        The time between two checks of the position (s).
    position_looks : PositiveInt, default 2
        The checks in a row that must find another position than the strategy's before it is halted.
    funding_look_s : PositiveFloat, default 60
        The time between two queries for the funding that the venue has settled (s).
    flatten_timeout_s : PositiveFloat, default 30
        How long a kill switch waits for a flat position before it fails (s).
    shadow_size_tolerance : NonNegativeFloat, default 0.1
        The share by which the sizes of a shadow and of the live node may differ without an alert:
        their accounts hold different money.
    heartbeat_s : PositiveFloat, default 1
        The time between two heartbeats (s).
    hang_after_s : PositiveFloat, default 5
        The age of a heartbeat at which a supervisor kills the node and restarts it (s).
    stop_timeout_s : PositiveFloat, default 15
        How long a node may take to shut down before the supervisor kills it (s).
    max_restarts : NonNegativeInt, default 5
        How often it restarts nodes that had run, within `restart_window_s`, before it stops.
    restart_window_s : PositiveFloat, default 600
        The period in which restarts are counted (s).
    control_port : NonNegativeInt, default 8712
        The port of the control channel on 127.0.0.1; 0 takes a free one.
    control_token_variable : str, default 'AUCTION_CONTROL_TOKEN'
        The environment variable that holds its token.

    """

    start_timeout_s: PositiveFloat = 60.0
    stale_after_s: PositiveFloat = 10.0
    recorded: str | None = None
    recent_trades_from: tuple[str, ...] = ()
    recent_bars_from: tuple[str, ...] = ()
    position_look_s: PositiveFloat = 5.0
    position_looks: PositiveInt = 2
    funding_look_s: PositiveFloat = 60.0
    flatten_timeout_s: PositiveFloat = 30.0
    shadow_size_tolerance: NonNegativeFloat = 0.1
    heartbeat_s: PositiveFloat = 1.0
    hang_after_s: PositiveFloat = 5.0
    stop_timeout_s: PositiveFloat = 15.0
    max_restarts: NonNegativeInt = 5
    restart_window_s: PositiveFloat = 600.0
    control_port: NonNegativeInt = 8712
    control_token_variable: str = "AUCTION_CONTROL_TOKEN"
