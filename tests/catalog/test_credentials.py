"""Secrets come from a variable or from the file that another one names."""

import os

import pytest

from actors.alerts.targets import targets_of
from actors.journal.database import journal_places
from adapters.bybit.keys import load_keys
from adapters.bybit.keys import resolve_keys
from catalog.credentials import credential
from catalog.credentials import drop_credential
from configs.cache import cache_section
from errors import UsageError


def test_a_secret_comes_from_its_variable_or_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("of a file\r\n")
    assert credential("KEY", {}) == ""
    assert credential("KEY", {"KEY": " as it is "}) == " as it is "
    assert credential("KEY", {"KEY_FILE": str(file)}) == "of a file"
    assert credential("KEY", {"KEY": "", "KEY_FILE": str(file)}) == "of a file"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"\n \n", "is empty"),
        (b"\xff\xfesecret", "is no UTF-8 text"),
        (b"secret" * 20_000, "is larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_secret_is_named_and_never_shown(tmp_path, content, reason):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        credential("KEY", {"KEY_FILE": str(file)})
    assert str(raised.value).startswith(f"KEY_FILE: {file}: {reason}")
    assert "secret" not in str(raised.value)


def test_two_sources_of_one_secret_are_refused(tmp_path):
    with pytest.raises(UsageError, match="KEY and KEY_FILE are both set: keep one of them"):
        credential("KEY", {"KEY": "secret", "KEY_FILE": str(tmp_path)})


def test_every_reader_of_a_secret_takes_a_file(monkeypatch, tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(f"{text}\n")
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))

    write("BYBIT_DEMO_API_KEY", "a key")
    write("BYBIT_DEMO_API_SECRET", "a secret")
    assert resolve_keys("Demo", None, None) == ("a key", "a secret")
    write("JOURNAL_URL", "postgresql://node:word@127.0.0.1/journal")
    assert journal_places({})[0].password == "word"
    write("ALERT_WEBHOOK_URL", "http://127.0.0.1:9/hook")
    assert [
        t.name
        for t in targets_of({"ALERT_WEBHOOK_URL_FILE": str(tmp_path / "ALERT_WEBHOOK_URL")}, 1.0)
    ] == ["webhook"]
    write("REDIS_PASSWORD", "a word")
    section = cache_section(
        None, "redis", "live", tmp_path, {"REDIS_PASSWORD_FILE": str(tmp_path / "REDIS_PASSWORD")}
    )
    assert section is not None
    assert section["database"]["password"] == "a%20word"


def test_keys_in_files_reach_the_core_by_the_environment_of_the_process(monkeypatch, tmp_path):
    for name in ("BYBIT_API_KEY", "BYBIT_API_SECRET"):
        (tmp_path / name).write_text(f"{name} of a file\n")
        monkeypatch.setenv(name, "")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    load_keys("Mainnet")
    assert os.environ["BYBIT_API_KEY"] == "BYBIT_API_KEY of a file"
    assert "BYBIT_API_KEY_FILE" not in os.environ
    # As often as there are clients.
    load_keys("Mainnet")
    assert resolve_keys("Mainnet", None, None)[1] == "BYBIT_API_SECRET of a file"


def test_a_replay_drops_the_file_of_a_key_as_well(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "real")
    monkeypatch.setenv("SOME_KEY_FILE", "/run/real")
    drop_credential("SOME_KEY")
    assert credential("SOME_KEY") == ""
