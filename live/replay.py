"""Replay a window of a catalog through a live node, over its venue's wire protocol."""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Any

from catalog.gate import pass_gate
from catalog.layout import END_OF_TIME
from catalog.recording.snapshot import recorded_snapshot
from configs.data_types import FOLDERS
from configs.data_types import kind_of
from configs.live import LiveConfig
from configs.live import load_live
from configs.times import parse_time
from errors import AuctionError
from errors import UsageError
from live import replay_bybit
from live import replay_databento
from live.build import write_end
from live.redirect import redirected_address
from live.redirect import run_redirected
from live.replay_clock import ReplayClock
from live.replay_events import read_events
from live.replay_feed import ReplayFeed
from live.runner import prepare


# Rate limits use the system clock, which a fast replay outruns.
NO_LIMIT = f"{replay_bybit.MANY}/00:00:01"
UNPACED = [
    f"node.risk_engine.max_order_submit_rate={NO_LIMIT}",
    f"node.risk_engine.max_order_modify_rate={NO_LIMIT}",
]


def run_replay(
    system: str,
    environment: str,
    overrides: Sequence[str],
    runs: Path,
    say: Callable[[str], None],
    *,
    speed: float | None,
    start: str | None = None,
    end: str | None = None,
) -> Path:
    """
    Play a stretch of the catalog through a live node on a loopback server.

    Minutes and seconds close by the time of the events, at whatever speed they come, and the
    strategies are active from the start, as in a backtest.

    Parameters
    ----------
    system, environment : str
        As for a node. `paper` sends orders to the simulated venue of a backtest, `live` to the
        loopback server by Bybit's protocol; futures know `paper` alone.
    overrides : Sequence[str]
        `dotted.key=value` settings.
    runs : Path
        The folder that gets the run's folder.
    say : Callable[[str], None]
        Shows a line.
    speed : float or None
        How many seconds of the recording pass in one second; None is as fast as the node keeps up.
    start, end : str, optional
        The window (ISO 8601, UTC, the end excluded); None is all data.

    Returns
    -------
    Path
        The run's folder.

    Raises
    ------
    UsageError
        If the configuration is wrong, or there is no such replay of the instrument.
    AuctionError
        If the catalog has nothing to play, or the node does not keep up.
    SystemExit
        For futures, with the exit code of the process in which the replay has run.

    """
    if speed is not None and not speed > 0:
        raise UsageError(f"--speed {speed}: use a positive number, or `max`")
    given = load_live(system, environment, overrides, own_actors=False)
    instrument_ids, is_future = _instruments(given)
    venue: Any = replay_databento if is_future else replay_bybit
    start_ns, end_ns = parse_time(start, "start") or 0, parse_time(end, "end")
    data = given.document["data"]
    types = list(dict.fromkeys(FOLDERS[kind_of(name)] for name in data))
    with recorded_snapshot(given.catalog, given.instrument_ids) as recorded_ns:
        last_ns = min(end_ns or END_OF_TIME, recorded_ns or END_OF_TIME) - 1
        for instrument_id in instrument_ids:
            pass_gate(given.catalog, instrument_id, types, start_ns, last_ns)
        events: Iterator[Any] = read_events(
            venue, given.catalog, instrument_ids, start_ns, last_ns, data
        )
        first = next(events, None)
        if first is None:
            names = ", ".join(instrument_ids)
            raise AuctionError(f"the catalog has no event of {names} in the window")
        where = given.mode
        if is_future:
            where = _address(system, environment, overrides, runs, speed, start, end)
        staging: AbstractContextManager[Any] = venue.stage(
            given.catalog, instrument_ids, first.ts_ns, where, data
        )
        with staging as stage:
            settings = [*overrides, *UNPACED, *stage.settings]
            config = load_live(system, environment, settings, own_actors=False)
            time = ReplayClock(start_ns or first.ts_ns)
            run, folder = prepare(config, runs, None, replay_clock=time)
            feed = ReplayFeed(stage, chain([first], events), speed, time)
            try:
                run.run(feed.play, feed.pace)
            finally:
                counts, evidence = run.recorder.counts, run.evidence
                write_end(folder, run.config, counts, is_replay=True, evidence=evidence)
    closed = {unit: counts[name] for unit, name in run.recorder.bars.items() if counts[name]}
    if not closed:
        raise AuctionError(f"{feed.count:,} events closed no bar: choose a longer window")
    text = ", ".join(f"{count:,} {unit}" for unit, count in closed.items())
    say(f"{feed.count:,} events, {text}: {folder}")
    if not run.trades_closed:
        say(f"No trade was closed: `auction report {folder}` says why.")
    return folder


def _instruments(config: LiveConfig) -> tuple[tuple[str, ...], bool]:
    names = tuple(config.instrument_ids)
    venues = {name.rpartition(".")[2] for name in names}
    if venues == {replay_bybit.VENUE}:
        if len(names) > 1:
            raise UsageError(
                f"{config.system}: a replay by Bybit's protocol plays one instrument, it has "
                f"{len(names)}: use `auction backtest`"
            )
        return names, False
    if not venues <= set(replay_databento.VENUES):
        raise UsageError(
            f"{', '.join(names)}: a replay speaks the protocols of Bybit and Databento alone, one "
            "at a time: use `auction backtest`"
        )
    if config.mode != "paper":
        raise UsageError(f"{names[0]}: futures are traded on paper alone: --environment paper")
    return names, True


def _address(
    system: str,
    environment: str,
    overrides: Sequence[str],
    runs: Path,
    speed: float | None,
    start: str | None,
    end: str | None,
) -> str:
    address = redirected_address(replay_databento.HOSTS)
    if address is not None:
        return address
    command = [sys.executable, "-m", "cli", "replay", system, "--environment", environment]
    command += ["--runs", str(runs), "--speed", "max" if speed is None else str(speed)]
    for option, value in (("--start", start), ("--end", end)):
        command += [] if value is None else [option, value]
    for setting in overrides:
        command += ["--set", setting]
    raise SystemExit(run_redirected(command, replay_databento.HOSTS))
