import subprocess
import sys
from pathlib import Path


# The peak of a process never falls: a second, larger write raises it only if it needs more.
SCRIPT = """
import resource
import sys

from catalog.instruments import resolve_instrument
from catalog.writer import write_ticks
from tests.catalog.market import HOUR
from tests.catalog.market import trades

BATCH = 50_000
STEP = HOUR // 4_000_000


def batches(count):
    for number in range(count):
        first = number * BATCH
        ids = [str(row) for row in range(first, first + BATCH)]
        yield trades(range(first * STEP, (first + BATCH) * STEP, STEP), ids=ids)


instrument = resolve_instrument("BTCUSDT-LINEAR.BYBIT")
for rows in (1_000_000, 2_500_000):
    catalog = f"{sys.argv[1]}/{rows}"
    write_ticks(catalog, instrument, batches(rows // BATCH), None, "venue side")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_dense_hour_of_any_size_needs_the_same_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )

    small, large = map(int, done.stdout.split())
    assert large < 1.15 * small
