"""
The memory of a long run in chunks.

Two synthetic catalogs, the second of twice the days: 2 M and 4 M ticks, a quote before each trade.
`btc_value_area` and an empty strategy read them in the chunks of the environment file. In the
figure: the largest memory of a process that does one run and nothing else, imports included.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Row
from benchmarks.measure import in_own_process
from benchmarks.measure import peak_megabytes
from benchmarks.system import SYSTEMS
from benchmarks.system import measure_run
from benchmarks.tapes import write_catalog


TRADES_A_DAY = 500_000
DAYS = 2


def run() -> list[Row]:
    """Return the figures."""
    with TemporaryDirectory() as folder:
        once, twice = Path(folder, "once"), Path(folder, "twice")
        in_own_process(write_catalog, once, DAYS, TRADES_A_DAY)
        in_own_process(write_catalog, twice, 2 * DAYS, TRADES_A_DAY)
        system = in_own_process(_peak, once, "system")
        long = in_own_process(_peak, twice, "system")
        empty = in_own_process(_peak, twice, "empty")
    million = 2 * DAYS * TRADES_A_DAY / 1e6
    return [
        Row.of(f"btc_value_area, {million:g} M ticks", [system], "MB"),
        Row.of(f"btc_value_area, {2 * million:g} M ticks", [long], "MB"),
        Row.of(f"empty strategy, {2 * million:g} M ticks", [empty], "MB"),
        Row.of("btc_value_area / empty strategy", [long / empty], "times", at_most=1.3),
        Row.of("btc_value_area, twice the ticks", [long / system], "times", at_most=1.1),
    ]


def _peak(catalog: Path, variant: str) -> float:
    measure_run(catalog, variant, SYSTEMS[0])
    return peak_megabytes()
