"""Sessions of an hour and loose rules, so that both setups trade within four hours."""

from tests.contract.entry import Entry
from tests.seed_rules import NO_COST_RULES


ENTRY = Entry(
    start="2026-01-05T12:00",
    end="2026-01-05T16:00",
    change="2026-01-05T14:30",
    settings=(
        "actors.0.config.session_hours=1",
        "actors.0.config.bin_ticks=50",
        "actors.0.config.warmup_minutes=10",
        "actors.0.config.state_lookback=20",
        "actors.0.config.mom_lookback=10",
        "actors.0.config.mom_min_pct=0.05",
        "actors.0.config.dist_max_pct=0.1",
        "actors.0.config.flow_scoring=tiered",
        "strategies.0.config.signals.session_filter=false",
        "strategies.0.config.signals.leg_bin_ticks=200",
        "strategies.0.config.signals.touch_ticks=50",
        "strategies.0.config.signals.stop_buffer_ticks=20",
        "strategies.0.config.signals.min_score=10",
        "strategies.0.config.signals.min_leg_atr=1",
        "strategies.0.config.signals.stall_minutes=1",
        *NO_COST_RULES,
    ),
    not_mirrored="bins begin at multiples of their width, and ties of the value area go down: "
    "test_playbook_vectors has the mirrored sessions of the reference",
)
