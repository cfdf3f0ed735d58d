"""An unknown key is answered with the nearest known one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from configs.loader import load_backtest
from configs.system_file import load_system
from errors import UsageError
from tests.engines import REPOSITORY


TOY = yaml.safe_load((REPOSITORY / "tests" / "toy" / "toy.yaml").read_text())


def written(folder: Path, document: dict[str, Any]) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_an_unknown_key_at_the_top_of_a_file(tmp_path: Path) -> None:
    document = {"strategy" if key == "strategies" else key: value for key, value in TOY.items()}
    with pytest.raises(
        UsageError,
        match="^mine.yaml: unknown key `strategy` .did you mean `strategies`.*; there are actors,",
    ):
        load_system(written(tmp_path, document))
    with pytest.raises(UsageError, match="^mine.yaml: unknown key `zzz`; there are actors, "):
        load_system(written(tmp_path, TOY | {"zzz": 1}))


@pytest.mark.parametrize(
    ("section", "config", "message"),
    [
        ("actors", {"minute": 30}, "config`: .*`minute` .did you mean `minutes`"),
        ("strategies", {"risk_pc": 0.01}, "config`: .*`risk_pc` .did you mean `risk_pct`"),
        (
            "strategies",
            {"rule": {"stop_tick": 9}},
            "config.rule`: .*`stop_tick` .did you mean `stop_ticks`",
        ),
        ("strategies", {"rule": {"zzz": 9}}, "config.rule`: Object contains unknown field `zzz`$"),
    ],
)
def test_an_unknown_parameter(
    tmp_path: Path, section: str, config: dict[str, Any], message: str
) -> None:
    document = TOY | {section: [TOY[section][0] | {"config": config}]}
    with pytest.raises(UsageError, match=f"^mine.yaml: `{section}.0.{message}"):
        load_system(written(tmp_path, document))


def test_an_unknown_key_of_a_setting() -> None:
    path = str(REPOSITORY / "tests" / "toy" / "toy.yaml")
    with pytest.raises(UsageError, match="unknown key `venue` .did you mean `venues`"):
        load_backtest(path, overrides=["venue.BYBIT.oms_type=NETTING"])


def test_the_last_part_of_a_key_is_enough_where_it_is_the_only_one():
    run = load_backtest("btc_value_area", overrides=["risk_pct=0.01"])
    assert run.document["strategies"][0]["config"]["risk_pct"] == "0.01"
    with pytest.raises(UsageError, match="--set risk_pc: .*did you mean `risk_pct`"):
        load_backtest("btc_value_area", overrides=["risk_pc=0.01"])
    with pytest.raises(UsageError, match="--set slippage_ticks_entry: several end with it"):
        load_backtest("btc_value_area", overrides=["slippage_ticks_entry=2"])
