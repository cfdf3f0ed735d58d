"""What an operator confirms, sees and is refused before a live node runs."""

import io
import json
import sys
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from types import SimpleNamespace

import pytest

from configs.live import load_live
from errors import UsageError
from live import live
from live.confirmation import confirm
from live.confirmation import expected_confirmation
from live.live import OBSERVING
from live.live import run_live
from tests.markets import BTC


LIMIT = "strategies.0.config.max_daily_loss=500"
TOKEN = "AUCTION_TEST_TOKEN"
CONFIRMED = f"{BTC} BYBIT-MAINNET 500"


@pytest.fixture
def config():
    return load_live("btc_value_area", "live", [LIMIT])


def test_instrument_account_and_limit_of_loss_are_confirmed(config):
    assert expected_confirmation(config) == CONFIRMED
    demo = [f"venues.BYBIT.{part}.config.environment=DEMO" for part in ("data", "execution")]
    config = load_live("btc_value_area", "live", [LIMIT, *demo])
    assert expected_confirmation(config) == f"{BTC} BYBIT-DEMO 500"


def test_what_is_to_be_typed_is_shown_and_blanks_do_not_count(config):
    said = []
    typed = f"  {CONFIRMED.replace(' ', '   ')} \n"
    assert confirm(config, lambda: typed, said.append) == CONFIRMED
    assert said == [
        "btc_value_area: REAL ORDERS. Type instrument, account and limit of loss to start:",
        f"  {CONFIRMED}",
    ]


@pytest.mark.parametrize("typed", ["", "yes", f"{CONFIRMED}0", "x" * 300])
def test_anything_else_starts_nothing(config, typed):
    with pytest.raises(UsageError) as error:
        confirm(config, lambda: typed, [].append)
    assert str(error.value) == f"not confirmed: {typed[:200]!r} was typed: nothing is started"


def test_bytes_that_are_no_text_start_nothing(config):
    stream = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), "utf-8")
    with pytest.raises(UsageError, match="'no text' was typed"):
        confirm(config, stream.readline, [].append)


class Stage:
    """Stands for the node and the supervisor of `run_live`."""

    def __init__(self, monkeypatch, tmp_path, typed):
        self.runs, self.said, self.calls = tmp_path / "runs", [], []
        self.fails = False
        monkeypatch.setenv(TOKEN, "secret")
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        monkeypatch.setattr(live, "prepare", self._prepare)
        monkeypatch.setattr(live, "Supervisor", self._supervisor)

    def start(self, environment="live", *settings, **options):
        settings = [LIMIT, f"settings.control_token_variable={TOKEN}", *settings]
        run_live("btc_value_area", environment, settings, self.runs, self.said.append, **options)

    def _prepare(self, config, runs, token, heartbeat):
        self.calls.append(("node", config.mode, runs, token, heartbeat))
        folder = self.runs / "run"
        folder.mkdir(parents=True)
        return SimpleNamespace(
            config=config,
            recorder=SimpleNamespace(counts={"signals": 3}),
            evidence={},
            run=self._run,
        ), folder

    def _run(self):
        self.calls.append("run")
        if self.fails:
            raise UsageError("it has failed")

    def _supervisor(self, system, environment, overrides, runs, mode, settings, typed, say):
        self.calls.append(("supervisor", system, environment, runs, mode, typed))
        return SimpleNamespace(run=lambda: self.calls.append("run"))

    def end(self):
        return json.loads((self.runs / "run" / "end.json").read_text())


@pytest.fixture
def stage(monkeypatch, tmp_path):
    return lambda typed="": Stage(monkeypatch, tmp_path, typed)


@pytest.mark.parametrize("fails", [False, True])
def test_a_confirmed_node_runs_and_its_rows_are_written_however_it_ends(stage, tmp_path, fails):
    found = stage(f"{CONFIRMED}\n")
    found.fails = fails
    if fails:
        with pytest.raises(UsageError, match="it has failed"):
            found.start(heartbeat=tmp_path / "beat")
    else:
        found.start(heartbeat=tmp_path / "beat")
    assert found.calls == [("node", "live", found.runs, "secret", tmp_path / "beat"), "run"]
    assert found.said[2:] == [f"btc_value_area live: {found.runs / 'run'}", OBSERVING]
    of_run = {"mode": "live", "system": "btc_value_area", "replay": False}
    end = found.end()
    assert set(end.pop("files")) == {"config.yaml"}
    assert end == {**of_run, "rows": {"signals": 3}}


def test_a_node_that_is_not_confirmed_is_not_built(stage):
    found = stage("yes\n")
    with pytest.raises(UsageError, match="not confirmed: 'yes'"):
        found.start()
    assert found.calls == []


@pytest.mark.parametrize("check", ["require_contract", "require_trading"])
@pytest.mark.parametrize("supervise", [False, True])
def test_a_contract_that_cannot_be_traded_starts_nothing(stage, monkeypatch, check, supervise):
    asked = []

    def refuse(instrument_id, on):
        asked.append((str(instrument_id), on))
        raise UsageError(f"{instrument_id}: has expired")

    found = stage(f"{CONFIRMED}\n")
    monkeypatch.setattr(live, check, refuse)
    with pytest.raises(UsageError, match=f"^{BTC}: has expired$"):
        found.start(supervise=supervise)
    assert found.calls == found.said == []
    ((name, on),) = asked
    assert (name, abs(datetime.now(UTC).date() - on) <= timedelta(days=1)) == (BTC, True)


def test_paper_needs_no_confirmation(stage):
    found = stage()
    found.start("paper")
    assert [call[:2] if isinstance(call, tuple) else call for call in found.calls] == [
        ("node", "paper"),
        "run",
    ]
    assert found.said[0] == f"btc_value_area paper: {found.runs / 'run'}"


def test_a_supervisor_gets_what_was_typed(stage):
    found = stage(f"{CONFIRMED}\n")
    found.start(supervise=True)
    expected = ("supervisor", "btc_value_area", "live", found.runs, "live", CONFIRMED)
    assert found.calls == [expected, "run"]


def test_a_standby_takes_the_line_that_it_is_given(stage):
    found = stage(f"{CONFIRMED}\n")
    found.start(standby=True)
    assert [call[:2] if isinstance(call, tuple) else call for call in found.calls] == [
        ("node", "live"),
        "run",
    ]


def test_a_standby_without_a_word_ends(stage):
    found = stage()
    found.start(standby=True)
    assert found.calls == found.said == []


def test_without_a_token_nothing_is_built(stage, monkeypatch):
    found = stage(f"{CONFIRMED}\n")
    monkeypatch.delenv(TOKEN)
    with pytest.raises(UsageError, match=f"{TOKEN} is not set"):
        found.start()
    assert found.calls == []
