"""The value area, warm soon, without the rules on costs."""

from tests.contract.entry import Entry
from tests.seed_rules import SEED_RULES


ENTRY = Entry(
    end="2026-01-05T03:00",
    change="2026-01-05T01:30",
    settings=(
        "actors.0.config.rolling_window_minutes=60",
        "actors.0.config.warmup_minutes=30",
        "strategies.0.config.max_hold_minutes=5",
        *SEED_RULES,
    ),
    not_mirrored="sigma is of log returns, bins begin at multiples of their width, and ties of the "
    "value area go up: test_value_area_properties mirrors the machine on its inputs",
)
