"""Checks before a start: each can fail, with one line, and a real node is never touched."""

import json
import socket
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from adapters.bybit.loopback.server import BybitLoopback
from catalog.sessions import NEW_YORK
from cli.main import main
from configs.live import load_live
from errors import AuctionError
from errors import UsageError
from live.preflight import place_checks
from live.preflight.catalog_checks import check_catalog
from live.preflight.check import Outcome
from live.preflight.check import outcome_json
from live.preflight.check import outcome_lines
from live.preflight.check import run_check
from live.preflight.command import preflight
from live.preflight.place_checks import check_calendar
from live.preflight.place_checks import check_clock
from live.preflight.place_checks import check_contracts
from live.preflight.place_checks import check_control_port
from live.preflight.place_checks import check_journal
from live.preflight.place_checks import check_receivers
from live.preflight.place_checks import check_state
from tests.actors.test_alerts import receiver
from tests.live.live_node import TOKEN
from tests.live.live_node import VARIABLE
from tests.live.live_node import arguments
from tests.live.live_node import market
from tests.live.live_node import write_system
from tests.markets import MINUTE
from tests.markets import write_catalog
from tests.operations.journal_of_a_day import JournalOfADay
from tests.operations.journal_of_a_day import at


NAMES = [
    "configuration",
    "credentials",
    "contracts",
    "connection",
    "instruments",
    "kill switch",
    "alerts",
    "journal",
    "state",
    "control port",
    "calendar",
    "clock",
    "catalog",
]


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv(VARIABLE, TOKEN)
    for name in ("JOURNAL_URL", "ALERT_URLS", "ALERT_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BYBIT_API_KEY", "loopback-key")
    monkeypatch.setenv("BYBIT_API_SECRET", "loopback-secret")


@pytest.fixture
def config():
    return load_live("btc_value_area", "paper")


def test_a_check_passes_with_a_text_and_fails_with_one_line():
    def fail():
        raise UsageError("the key\nis wrong " + "x" * 400)

    assert run_check("a", lambda: "fine") == Outcome("a", True, "fine")
    failed = run_check("longer", fail)
    assert not failed.passed
    assert len(failed.text) <= 300
    assert "\n" not in failed.text
    outcomes = [Outcome("a", True, "fine"), Outcome("longer", False, "why")]
    assert outcome_lines(outcomes) == ["ok      a       fine", "FAILED  longer  why"]
    assert json.loads(outcome_json(outcomes))["passed"] is False
    with pytest.raises(ZeroDivisionError):
        run_check("a defect of ours is no failure of the check", lambda: str(1 / 0))


@pytest.mark.parametrize("environment", ["paper", "live"])
def test_all_checks_pass_against_a_venue_and_touch_no_state(
    tmp_path, monkeypatch, capsys, environment
):
    (tmp_path / "catalog").mkdir()
    with market(BybitLoopback(leverage=Decimal(25))) as moving, receiver() as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        system = write_system(tmp_path)
        settings = [f"catalog={tmp_path / 'catalog'}", "settings.control_port=0"]
        command = arguments(moving.client, system, environment, tmp_path / "runs", *settings)
        overrides = command[command.index("--set") :]
        called = ["auction", "preflight", str(system), "--environment", environment, "--json"]
        monkeypatch.setattr("sys.argv", [*called, *overrides])
        with pytest.raises(SystemExit) as ended:
            main()
    shown = json.loads(capsys.readouterr().out)
    outcomes = {row["name"]: (row["passed"], row["text"]) for row in shown["checks"]}
    assert [*outcomes] == NAMES
    assert {name for name, (passed, _) in outcomes.items() if not passed} == set()
    assert ended.value.code == 0
    assert "tick 0.1" in outcomes["instruments"][1]
    assert [body["type"] for _, body in kept.bodies] == ["PREFLIGHT"]
    assert not (tmp_path / "journal").exists()
    assert not (tmp_path / "runs").exists()


def test_a_venue_that_cannot_be_reached_fails_the_connection_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(place_checks, "targets_of", lambda *_: [])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        settings = [
            f"venues.BYBIT.data.config.base_url_http={address}",
            f"settings.control_token_variable={VARIABLE}",
            f"catalog={tmp_path}",
        ]
        outcomes = {o.name: o for o in preflight("btc_value_area", "paper", settings, 0.2)}
    assert "not connected within 0.2 s" in outcomes["connection"].text
    assert not outcomes["instruments"].passed
    assert outcomes["kill switch"].passed
    assert outcomes["alerts"].text == "no receiver: set ALERT_URLS or ALERT_WEBHOOK_URL"
    assert outcomes["state"].passed


def test_a_configuration_that_does_not_load_is_the_only_outcome():
    (only,) = preflight("btc_value_area", "paper", ["no_such_key=1"])
    assert (only.name, only.passed) == ("configuration", False)
    assert "no_such_key" in only.text


def test_a_key_that_is_missing_fails_credentials_and_connection(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABENTO_API_KEY", raising=False)
    monkeypatch.delenv(VARIABLE)
    settings = [f"settings.control_token_variable={VARIABLE}", f"catalog={tmp_path}"]
    outcomes = {o.name: o for o in preflight("nq_impulse_lvn", "paper", settings, 0.2)}
    assert f"{VARIABLE} is not set" in outcomes["credentials"].text
    assert "DATABENTO_API_KEY is not set" in outcomes["connection"].text
    assert outcomes["instruments"].text == "the node could not be built: see above"


def test_a_receiver_that_refuses_fails(config, monkeypatch):
    with receiver(500) as kept:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", kept.url)
        with pytest.raises(AuctionError, match="webhook answered with status 500"):
            check_receivers(config)


def test_a_journal_that_is_there_is_read_and_never_written(config, tmp_path):
    folder = tmp_path / "journal"
    assert check_journal(config) == f"{folder / 'journal.sqlite'} will be made"
    journal = JournalOfADay(folder)
    journal._store.open()
    journal.close()
    before = (folder / "journal.sqlite").read_bytes()
    assert check_journal(config).endswith("journal.sqlite can be read")
    assert (folder / "journal.sqlite").read_bytes() == before
    (folder / "journal.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(AuctionError, match="cannot be read"):
        check_journal(config)


def test_state_is_checked_in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert check_state() == "saved, read and cleared in a temporary folder"
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_no_failure(config):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = SimpleNamespace(control_port=port)
        text = check_control_port(SimpleNamespace(settings=settings))
        assert text == f"{port} is in use: a node may run (`auction control status --port {port}`)"
    assert check_control_port(SimpleNamespace(settings=settings)) == f"{port} is free"


def test_calendar_and_clock(config, monkeypatch):
    assert check_calendar(config).endswith("00:00 UTC")
    hours = datetime.now(UTC).astimezone(NEW_YORK).utcoffset().total_seconds() / 3600
    assert check_clock() == f"New York is {hours:+g} h from UTC"
    monkeypatch.setattr(place_checks, "NEW_YORK", UTC)
    with pytest.raises(AuctionError, match="New York is \\+0 h from UTC"):
        check_clock()
    future = SimpleNamespace(instrument_ids=("ESZ9.XCME",))
    text = check_calendar(future)
    assert text.startswith("session ")
    assert "New York; ESZ9.XCME rolls on " in text


def test_a_contract_that_is_over_or_continuous_fails():
    with pytest.raises(UsageError, match="its last trading day was"):
        check_contracts(SimpleNamespace(instrument_ids=("ESH20.XCME",)))
    with pytest.raises(UsageError, match="never under this symbol"):
        check_contracts(SimpleNamespace(instrument_ids=("ES.v.0.XCME",)))
    assert check_contracts(SimpleNamespace(instrument_ids=("BTCUSDT-LINEAR.BYBIT",))).endswith(
        "in force"
    )


@pytest.mark.parametrize(("hours", "passes"), [(0, True), (-4, False)])
def test_times_of_another_zone_are_found_in_the_pause_of_the_exchange(tmp_path, hours, passes):
    # A session from 18:00 to 17:00 in New York, a trade each minute, with a shifted clock.
    begin = at("18:00", date(2025, 11, 19))
    minutes = [begin + minute * MINUTE for minute in range(23 * 60)]
    shift = hours * 60 * MINUTE
    rows = [(1, ts + shift, 20_000 + n % 3, 1) for n, ts in enumerate(minutes)]
    path = write_catalog(tmp_path / "catalog", rows, "ESZ5.XCME")
    config = SimpleNamespace(catalog=path, instrument_ids=("ESZ5.XCME", "NQZ5.XCME"))
    if passes:
        text = check_catalog(config)
        assert text.startswith("ESZ5.XCME until 2025-11-20 ")
        assert text.endswith("NQZ5.XCME: no data, the warm-up waits for its own (UTC)")
    else:
        with pytest.raises(AuctionError, match="trades or bars between 17:20 and 17:50"):
            check_catalog(config)
    with pytest.raises(UsageError, match="no catalog"):
        check_catalog(SimpleNamespace(catalog=tmp_path / "none", instrument_ids=()))
