"""The runs whose results are recorded, each as the command that a user would give."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adapters.files.ingest import ingest_csv
from catalog.sample import write_sample
from tests.gc_ticks import INSTRUMENT_ID as GOLD
from tests.gc_ticks import write_gc_csv
from tests.nq_half_day import LOOSE_SETTINGS
from tests.nq_half_day import write_catalog
from tests.nq_half_day import write_system


# The default rules of the impulse system find no trade in two days.
EAGER = (
    "min_impulse_score=2",
    "min_impulse_size=10",
    "lvn_ratio=0.5",
    "max_lvn_ratio=0.5",
    "min_delta=1",
    "max_range=10",
    "retest_distance=3",
    "cooldown_bars=5",
    "level_cooldown_bars=20",
    "max_daily_losses=0",
    "daily_loss_limit=500",
    "min_reward_fee_ratio=null",
    "min_stop_fee_ratio=null",
    "min_stop_spreads=null",
)
# Three sets of overrides for each system.
OVERRIDES = {
    "btc_value_area": (
        ("risk_pct=0.005", "limit_order_timeout_minutes=3", "accept_outside_k=2"),
        ("use_limit_for_entry=false", "cooldown_minutes=0", "va_edge=outer"),
        ("risk_includes_costs=false", "min_stop_fee_ratio=null", "min_reward_fee_ratio=null"),
    ),
    "nq_impulse_lvn": (
        EAGER,
        (*EAGER, "contracts=2", "trailing_stop=8", "take_profit=10"),
        (*EAGER, "max_hold_bars=60", "stop_buffer=4", "same_day_only=true"),
    ),
}
WINDOWS = {
    "btc_value_area": ("--start", "2026-01-05", "--end", "2026-01-06"),
    "nq_impulse_lvn": ("--start", "2026-01-05", "--end", "2026-01-07"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """
    Represents one recorded run.

    Attributes
    ----------
    name : str
        Its name in the record.
    market : str
        The catalog it reads: a key of `MARKETS`.
    arguments : tuple[str, ...]
        The arguments of `auction`, without the catalog and the folder for runs.
    parity_with : str, default ''
        The name of the run before it that `auction parity` compares it with.

    """

    name: str
    market: str
    arguments: tuple[str, ...]
    parity_with: str = ""


def cases(folder: Path, *, has_real_data: bool) -> list[Case]:
    """
    Return all cases, in the order of running.

    Parameters
    ----------
    folder : Path
        Gets the system files that are written for a case.
    has_real_data : bool
        If those on real data are among them.

    """
    found = []
    for system, sets in OVERRIDES.items():
        run, window = ("backtest", system, "--single"), WINDOWS[system]
        found.append(Case(f"{system}/default", "sample", run))
        found.append(Case(f"{system}/pessimistic", "sample", (*run, "--pessimistic")))
        for number, settings in enumerate(sets, 1):
            case = (*run, *_settings(settings))
            found.append(Case(f"{system}/override {number}", "sample", case))
        backtest, options = f"{system}/window", _settings(sets[0])
        found.append(Case(backtest, "sample", (*run, *window, *options)))
        replay = ("replay", system, *window, *options)
        found.append(Case(f"{system}/paper replay", "sample", replay, parity_with=backtest))
    if not has_real_data:
        return found
    gold = ("backtest", "btc_value_area", "--single", "--set", f"instrument_id={GOLD}")
    found.append(Case("btc_value_area/gold", "gold", gold))
    path, options, _ = write_system(folder)
    half_day = ("backtest", str(path), "--single", *options)
    found.append(Case("nq_impulse_lvn/half day", "half day", half_day))
    loose = (*half_day, *_options(LOOSE_SETTINGS))
    found.append(Case("nq_impulse_lvn/half day, loose rules", "half day", loose))
    return found


def _settings(settings: Iterable[str]) -> tuple[str, ...]:
    return _options(f"strategies.0.config.{setting}" for setting in settings)


def _options(settings: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for text in settings for part in ("--set", text))


def _write_gold(folder: Path, data: Path) -> None:
    folder.mkdir()
    trades, quotes = write_gc_csv(data, folder)
    ingest_csv(folder, GOLD, [trades], [quotes])


def _write_sample(folder: Path, _: Path) -> None:
    write_sample(folder)


MARKETS: dict[str, Callable[[Path, Path], None]] = {
    "sample": _write_sample,
    "gold": _write_gold,
    "half day": write_catalog,
}
