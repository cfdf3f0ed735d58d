"""A real half day of NQ futures, with the levels of an hour of the Sunday before."""

import json
from pathlib import Path

from adapters.databento.ingest import ingest_databento
from tests.strategies.test_impulse_lvn_real_data import trades_of


NQ = "NQZ5.XCME"
# The loose set that live programs of this system ran with.
LOOSE = {
    "min_impulse_size": 15,
    "min_impulse_score": 3,
    "max_impulse_bars": 200,
    "max_hunting_bars": 1800,
    "max_lvn_ratio": 0.4,
    "level_tolerance": 3,
    "min_delta": 5,
    "stop_buffer": 1.5,
    "take_profit": 500,
    "max_daily_losses": 0,
    "daily_loss_limit": 1000,
}
LOOSE_SETTINGS = tuple(f"strategies.0.config.{key}={value}" for key, value in LOOSE.items())


def write_catalog(folder: Path, data: Path) -> None:
    """Ingest the half day of the folder of real data into a catalog."""
    path = data / "nq_trades" / "glbx-mdp3-20251128.trades.csv.zst"
    ingest_databento(folder, [path], ["NQZ5"])


def write_system(folder: Path) -> tuple[Path, list[str], int]:
    """
    Write a system file whose levels are those of an hour of the Sunday before.

    The data of the day before are not there, so the levels of that hour stand in for them: the half
    day lies above all of them.

    Parameters
    ----------
    folder : Path
        Gets the file.

    Returns
    -------
    tuple[Path, list[str], int]
        The file, the options of a backtest with it, and the highest level in ticks.

    """
    ticks = [tick for _, tick, _, _ in trades_of("20251123")]
    high, low = max(ticks), min(ticks)
    levels = {"pdh": high, "pdl": low, "vah": high - 40, "val": low + 40, "onh": None, "onl": None}
    system = (Path(__file__).parents[1] / "configs/systems/nq_impulse_lvn.yaml").read_text()
    for name, written in (
        ("actors.impulse.actor:ImpulseActor", "WrittenLevels"),
        ("actors.impulse.config:ImpulseActorConfig", "WrittenLevelsConfig"),
    ):
        system = system.replace(name, f"tests.backtests.written_levels:{written}")
    path = folder / "half_day.yaml"
    path.write_text(system)
    settings = (
        f"instrument_id={NQ}",
        "data=[TradeTick]",
        f"actors.0.config.levels={json.dumps({'2025-11-28': levels})}",
    )
    options = ["--end", "2025-11-29", *(part for text in settings for part in ("--set", text))]
    return path, options, high
