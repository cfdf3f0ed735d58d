"""The later rule for nodes, which finds more of them, while Monday's market is busy."""

from tests.contract.entry import Entry


ENTRY = Entry(
    start="2026-01-05T12:00",
    end="2026-01-05T18:00",
    change="2026-01-05T16:30",
    settings=(
        "actors.0.config.legs.preset=head",
        "actors.0.config.legs.warmup_bars=30",
        "strategies.0.config.min_reward_fee_ratio=null",
        "strategies.0.config.min_stop_fee_ratio=null",
        "strategies.0.config.min_stop_spreads=null",
    ),
    not_mirrored="a reversal is a share of the price, a long is bid deeper than a short, "
    "and the nodes of a profile favour the lower of equal prices",
)
