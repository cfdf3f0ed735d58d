"""Not one tick is lost or doubled over recorders that are killed at random and handed over."""

import random
import subprocess
import sys
import time

import numpy as np
import pytest

from catalog.definitions import write_instrument
from catalog.gate import pass_gate
from catalog.instruments import resolve_instrument
from catalog.reader import read_ticks
from catalog.recording.gaps import read_gaps
from catalog.recording.store import prepare_catalog
from catalog.sample import write_sample
from tests.engines import REPOSITORY
from tests.live.test_replay_in_process import sided_rows
from tests.markets import BTC
from tests.recording.feeder import record_of
from tests.recording.market import plain
from tests.recording.market import recorded


LIMIT_S = 3600.0
BYTES = 8


def table_of(rows):
    """Return rows of `write_catalog` as kind, time, a, b, sizes and side."""
    return np.array(
        [
            (0, row[1], row[2], row[4], row[3], row[5], 0)
            if row[0] == 0
            else (1, row[1], row[2], 0, row[3], 0, row[4])
            for row in rows
        ],
        np.int64,
    )


def delivered(progress):
    try:
        return int.from_bytes(progress.read_bytes()[:BYTES], "little")
    except FileNotFoundError:
        return 0


def survive(tmp_path, table, kills, seed):
    """Feed a table to recorders that are killed at random places, and check what is recorded."""
    catalog, ticks, progress = tmp_path / "catalog", tmp_path / "ticks.npy", tmp_path / "progress"
    prepare_catalog(catalog, [BTC])
    write_instrument(catalog, resolve_instrument(BTC))
    np.save(ticks, table)
    places = sorted(random.Random(seed).sample(range(len(table)), kills))
    command = [sys.executable, "-m", "tests.recording.feeder"]
    command += [str(catalog), str(ticks), str(progress), BTC]
    end, killed = time.monotonic() + LIMIT_S, 0
    for place in [*places, None]:
        process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE)
        while process.poll() is None:
            assert time.monotonic() < end
            if place is not None and delivered(progress) > place:
                process.kill()
                killed += 1
                process.wait()
            time.sleep(0.001)
        _, shown = process.communicate()
        assert process.returncode in (0, -9), shown.decode()
    assert killed >= 1
    expected = [plain(record_of(i, row)) for i, row in enumerate(table.tolist())]
    assert recorded(catalog) == expected
    assert read_gaps(catalog, BTC) == []
    pass_gate(catalog, BTC)


def test_ticks_survive_recorders_that_are_killed(tmp_path):
    survive(tmp_path, table_of(sided_rows(60)), kills=2, seed=1)


@pytest.mark.record
def test_a_day_survives_recorders_that_are_killed(tmp_path):
    write_sample(tmp_path / "market", 7, 1, ("BTCUSDT",))
    parts = list(read_ticks(tmp_path / "market", BTC))
    names = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    table = np.stack([column.astype(np.int64) for column in columns], axis=1)
    assert len(table) > 100_000
    survive(tmp_path, table, kills=12, seed=3)
