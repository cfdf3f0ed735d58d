"""Several trades on a paper node, by the wire protocol of the venue."""

from pathlib import Path

from backtests.results.parity import compare
from live.replay import run_replay
from tests.ladder.runs import LADDER
from tests.ladder.runs import START
from tests.ladder.runs import run_of


def test_a_replay_on_a_paper_node_equals_the_backtest(catalog: Path, tmp_path: Path) -> None:
    end = "2026-01-05T01:05"
    backtest = run_of(catalog, tmp_path / "backtest", f"end={end}").folder
    replay = run_replay(
        str(LADDER),
        "paper",
        [f"catalog={catalog}"],
        tmp_path / "replay",
        lambda _: None,
        speed=None,
        start=START,
        end=end,
    )
    found = compare(backtest, replay)
    assert {name: difference.first for name, difference in found.items()} == dict.fromkeys(found)
    assert found["decisions"].count
    assert found["money"].count > 12
