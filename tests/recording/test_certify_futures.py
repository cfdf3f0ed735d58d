"""Two futures, recorded together, and the run of a node on them: certified in its own process."""

import json

import pytest

from adapters.instruments import find_instrument
from backtests.results.certificate import CERTIFIED
from backtests.results.certificate import NAME
from catalog.reader import read_ticks
from catalog.recording.store import RecordingStore
from catalog.recording.store import prepare_catalog
from catalog.sample import write_sample
from configs.times import parse_time
from tests.adapters.databento_market import wrapper_library
from tests.engines import auction_process
from tests.order_flow.test_replay import OF_TIERS
from tests.order_flow.test_replay import TIERS
from tests.recording.feeder import record_of
from tests.recording.market import GB


pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(wrapper_library() is None, reason="libnss_wrapper is not installed"),
]

NAMES = ("ESH6.XCME", "MESH6.XCME")
RECORDED_FROM = "2026-01-05T13:50"
WINDOW = ("2026-01-05T14:00", "2026-01-05T15:30")
COLUMNS = ("kind", "ts_event", "a", "b", "a_size", "b_size", "side")


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_sample(folder, days=1, instruments=["ES", "MES"])
    return folder


@pytest.fixture(scope="module")
def recording(market, tmp_path_factory):
    """Record both instruments as one recorder does, from before the run on."""
    catalog = tmp_path_factory.mktemp("recorded") / "catalog"
    prepare_catalog(catalog, NAMES)
    store = RecordingStore(catalog, 30, GB)
    store.recover()
    begin_ns, end_ns = parse_time(RECORDED_FROM, "begin"), parse_time(WINDOW[1], "end")
    for name in NAMES:
        recording = store.open(find_instrument(market, name, end_ns))
        for part in read_ticks(market, name, begin_ns, end_ns - 1):
            rows = zip(*(getattr(part, column).tolist() for column in COLUMNS), strict=True)
            for number, row in enumerate(rows):
                assert recording.add(record_of(number, row))
            store.fold()
    store.close()
    return catalog


@pytest.fixture(scope="module")
def run(market, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    arguments = ["replay", TIERS, "--catalog", market, "--runs", runs]
    arguments += ["--start", WINDOW[0], "--end", WINDOW[1]]
    done = auction_process(*arguments, *(part for text in OF_TIERS for part in ("--set", text)))
    assert done.returncode == 0, done.stderr
    (found,) = runs.iterdir()
    return found


def test_the_run_of_two_futures_is_certified(run, recording):
    done = auction_process("certify", run, "--catalog", recording)
    document = json.loads((run / NAME).read_text())
    assert (done.returncode, document["verdict"]) == (0, CERTIFIED), done.stdout
    assert set(document["hashes"]["data"]) == set(NAMES)
    checks = {result["check"]: result for result in document["replay_beside_backtest"]}
    assert checks["footprint bars"]["rows"] > 30
    assert not any(result["differing"] for result in checks.values())
    # The run had no history, and begins as the backtest of its time does.
    checks = {result["check"]: result for result in document["run_beside_backtest"]}
    assert not any(result["differing"] for result in checks.values())
    assert CERTIFIED in done.stdout
