"""Files beside the journal: replaced whole, private, and never taken for another node's."""

import stat
from datetime import date

import pytest

from configs.live import load_live
from errors import UsageError
from live.operations import state_files as module
from live.operations.state_files import DoneDates
from live.operations.state_files import StateFiles
from live.operations.state_files import read_json
from live.operations.state_files import state_files
from live.operations.state_files import write_json


def test_dates_are_kept_over_a_restart(tmp_path):
    done = DoneDates(tmp_path / "deep" / "dates.json")
    assert (done.dates, done.failure) == ({}, "")
    done.dates["DIGEST"] = date(2025, 11, 28)
    done.save()
    assert DoneDates(tmp_path / "deep" / "dates.json").dates == {"DIGEST": date(2025, 11, 28)}
    assert stat.S_IMODE((tmp_path / "deep" / "dates.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[1]", '{"DIGEST": 7}', '{"DIGEST": "soon"}', "[" * 100_000])
def test_a_damaged_file_is_reported_and_the_dates_begin_anew(tmp_path, text):
    path = tmp_path / "dates.json"
    path.write_text(text)
    done = DoneDates(path)
    assert done.dates == {}
    assert done.failure.startswith("dates.json cannot be read")
    done.save()
    assert DoneDates(path).failure == ""


def test_a_write_that_fails_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    write_json(path, {"a": 1})

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_json(path, {"a": 2})
    assert read_json(path) == {"a": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]
    done = DoneDates(path.with_name("dates.json"))
    done.save()
    assert done.failure == "dates.json cannot be written: No space left on device"


def test_files_stand_in_the_folder_of_the_journal_under_the_name_of_the_node(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_DIR", str(tmp_path))
    files = state_files(load_live("btc_value_area", "paper"))
    assert files == StateFiles(tmp_path, "PAPER-001", "paper")
    assert files.digest(date(2025, 1, 2)).name == "digest-2025-01-02-PAPER-001-paper.json"
    names = {files.schedule.name, files.health.name, files.watchdog.name}
    assert names == {f"{kind}-PAPER-001-paper.json" for kind in ("schedule", "health", "watchdog")}
    with pytest.raises(UsageError, match="no JournalActor"):
        state_files(load_live("btc_value_area", "paper", own_actors=False))
