"""Units of a node: complete, hardened, without a secret, and accepted by systemd."""

import os
import re
import shutil
import subprocess

import pytest

from configs.live import load_live
from errors import UsageError
from live.confirmation import expected_confirmation
from live.deploy.command import deploy_systemd
from live.deploy.unit_files import command_line
from tests.checks import some
from tests.engines import auction


NAMES = (
    "AUCTION_CONTROL_TOKEN",
    "DATABENTO_API_KEY",
    "BYBIT_API_KEY",
    "ALERT_URLS",
)


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    for name in ("DATABASE_DIR", "REDIS_HOST", "REDIS_PORT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    for name in NAMES:
        (folder / name).write_text("very secret")
        (folder / name).chmod(0o600)
    (folder / "notes.txt").write_text("no secret")
    return folder


@pytest.fixture
def deploy(tmp_path, secrets):
    said = []
    (tmp_path / "trading").mkdir()

    def run(system="nq_impulse_lvn", environment="paper", *overrides, **options):
        said.clear()
        whole = {
            "directory": tmp_path / "trading",
            "runs": "runs",
            "secrets": secrets,
            "recorder": None,
            "user": None,
            "out": tmp_path / "units",
            **options,
        }
        read = whole.pop("read", lambda: "")
        deploy_systemd(system, environment, overrides, said.append, read, **whole)
        return {path.name: path.read_text() for path in (tmp_path / "units").iterdir()}

    run.said = said
    return run


def values(text, key):
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def test_a_deployment_has_node_watchdog_timer_and_recorder(deploy, tmp_path):
    units = deploy(recorder="default", user="root")
    assert set(units) == {
        "auction-nq_impulse_lvn-paper.service",
        "auction-nq_impulse_lvn-paper-watchdog.service",
        "auction-nq_impulse_lvn-paper-digest.service",
        "auction-nq_impulse_lvn-paper-digest.timer",
        "auction-record-default.service",
    }
    node = units["auction-nq_impulse_lvn-paper.service"]
    (command,) = values(node, "ExecStart")
    runs = tmp_path / "trading" / "runs"
    expected = f"auction live nq_impulse_lvn --environment paper --supervise --runs {runs}"
    assert command.endswith(expected)
    assert values(node, "Type") == ["notify"]
    assert values(node, "WatchdogSec") == ["60"]
    assert values(node, "Restart") == ["on-abnormal"]
    assert values(node, "PrivateTmp") == ["yes"]
    assert values(node, "ReadWritePaths")[0] == str(tmp_path / "trading")
    timer = units["auction-nq_impulse_lvn-paper-digest.timer"]
    assert "Mon..Fri 13:05 America/New_York" in values(timer, "OnCalendar")
    assert values(timer, "Persistent") == ["true"]
    digest = units["auction-nq_impulse_lvn-paper-digest.service"]
    assert "digest nq_impulse_lvn --environment paper --send" in digest
    assert values(units["auction-record-default.service"], "ExecStart")[0].endswith(
        "record default"
    )
    assert deploy.said[-3].startswith("  install -d -m 700 -o root ")
    assert deploy.said[-1] == (
        "  systemctl enable --now auction-nq_impulse_lvn-paper.service "
        "auction-nq_impulse_lvn-paper-watchdog.service "
        "auction-nq_impulse_lvn-paper-digest.timer auction-record-default.service"
    )


def test_a_venue_that_never_closes_has_a_daily_digest(deploy):
    timer = deploy("btc_value_area")["auction-btc_value_area-paper-digest.timer"]
    assert values(timer, "OnCalendar") == ["*-*-* 00:05 UTC", "*-*-* 00:35 UTC"]


def test_each_service_gets_only_its_secrets_and_no_unit_holds_one(deploy, secrets):
    units = deploy(recorder="default")
    given = {
        name: {value.partition(":")[0] for value in values(text, "LoadCredential")}
        for name, text in units.items()
    }
    assert given["auction-nq_impulse_lvn-paper.service"] == set(NAMES)
    assert given["auction-nq_impulse_lvn-paper-watchdog.service"] == {"ALERT_URLS"}
    assert given["auction-nq_impulse_lvn-paper-digest.service"] == {"ALERT_URLS"}
    assert given["auction-record-default.service"] == set(NAMES) - {"AUCTION_CONTROL_TOKEN"}
    node = units["auction-nq_impulse_lvn-paper.service"]
    assert f"LoadCredential=ALERT_URLS:{secrets}/ALERT_URLS\n" in node
    assert "Environment=ALERT_URLS_FILE=%d/ALERT_URLS\n" in node
    for text in some(units.values()):
        assert "very secret" not in text


def test_a_second_deployment_updates_what_has_changed(deploy):
    deploy()
    assert {line.split()[0] for line in deploy.said[:4]} == {"written"}
    deploy()
    assert {line.split()[0] for line in deploy.said[:4]} == {"unchanged"}
    units = deploy("nq_impulse_lvn", "paper", "settings.control_port=9000")
    assert sum(line.startswith("changed") for line in deploy.said) == 3
    assert "--set settings.control_port=9000" in units["auction-nq_impulse_lvn-paper.service"]


def test_real_orders_are_confirmed_by_the_operator_once(deploy):
    setting = "strategies.0.config.max_daily_loss=100"
    with pytest.raises(UsageError, match="not confirmed"):
        deploy("btc_value_area", "live", setting)
    line = expected_confirmation(load_live("btc_value_area", "live", [setting]))
    units = deploy("btc_value_area", "live", setting, read=lambda: f"{line}\n")
    node = units["auction-btc_value_area-live.service"]
    assert values(node, "StandardInputText") == [line]
    assert values(node, "StandardInput") == ["data"]


def test_wrong_arguments_are_one_line(deploy, secrets, tmp_path):
    (secrets / "ALERT_URLS").chmod(0o644)
    with pytest.raises(UsageError, match=r"ALERT_URLS is open to other users: chmod 600"):
        deploy()
    (secrets / "ALERT_URLS").chmod(0o600)
    (secrets / "AUCTION_CONTROL_TOKEN").unlink()
    with pytest.raises(UsageError, match="AUCTION_CONTROL_TOKEN is missing"):
        deploy()
    with pytest.raises(UsageError, match="is no folder: make it"):
        deploy(secrets=tmp_path / "none")
    with pytest.raises(UsageError, match="no such user: make one, like"):
        deploy(user="no-such-user")
    with pytest.raises(UsageError, match="is no folder: name the one"):
        deploy(directory=tmp_path / "none")
    found = auction("deploy", "systemd", "nq_impulse_lvn", "--environment", "paper")
    assert found.returncode == 2
    assert "--secrets" in found.stderr


def test_arguments_are_taken_literally():
    line = command_line(["a", "b c", 'say "%h"', "$HOME", "back\\slash", "", "50%"])
    assert line == 'a "b c" "say \\"%%h\\"" "$$HOME" "back\\\\slash" "" 50%%'


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("user", [None, "root"])
def test_systemd_accepts_the_units(deploy, tmp_path, user):
    trading = tmp_path / "a folder, 100% $mine"
    trading.mkdir()
    units = deploy(recorder="default", user=user, directory=trading)
    (tmp_path / "run").mkdir(mode=0o700)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(["--user"] if user is None else []), *units],
        cwd=tmp_path / "units",
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")},
        check=False,
    )
    assert "auction-" not in found.stderr
    assert found.returncode == 0, found.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_services_of_the_system_are_confined(deploy, tmp_path):
    name = "auction-nq_impulse_lvn-paper.service"
    deploy(user="root")
    found = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=25", name],
        cwd=tmp_path / "units",
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-300:]
