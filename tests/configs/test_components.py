"""Actors and strategies of a file: each in its section, each with a name of its own."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from configs.loader import load_backtest
from configs.system_file import load_system
from errors import UsageError
from tests.engines import REPOSITORY
from tests.toy.actor import ChannelActor as OtherActor


TOY = yaml.safe_load((REPOSITORY / "tests" / "toy" / "toy.yaml").read_text())
ACTOR, STRATEGY = TOY["actors"][0], TOY["strategies"][0]


class ChannelActor(OtherActor):
    """Has the name of another actor."""


def written(folder: Path, **sections: Any) -> str:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(TOY | sections))
    return str(path)


@pytest.mark.parametrize(
    ("section", "entry", "message"),
    [
        (
            "actors",
            ACTOR | {"actor_path": STRATEGY["strategy_path"]},
            "actors.0.actor_path`: .*:ChannelStrategy is a strategy: name it in `strategies`",
        ),
        (
            "strategies",
            STRATEGY | {"strategy_path": ACTOR["actor_path"]},
            "strategies.0.strategy_path` is not a Strategy: .*:ChannelActor",
        ),
        (
            "actors",
            ACTOR | {"config_path": STRATEGY["config_path"]},
            "actors.0.config_path` is not a ActorConfig: .*:ChannelStrategyConfig",
        ),
    ],
)
def test_a_component_in_the_wrong_section_is_refused(
    tmp_path: Path, section: str, entry: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=f"^mine.yaml: `{message}"):
        load_system(written(tmp_path, **{section: [entry]}))


def test_two_actors_whose_classes_have_one_name_get_names_of_their_own(tmp_path: Path) -> None:
    other = ACTOR | {"actor_path": f"{__name__}:ChannelActor"}
    run = load_backtest(written(tmp_path, actors=[ACTOR, other]))
    names = [entry["config"]["component_id"] for entry in run.document["actors"]]
    assert names == [
        "tests.toy.actor.ChannelActor-BTCUSDT-LINEAR.BYBIT",
        f"{__name__}.ChannelActor-BTCUSDT-LINEAR.BYBIT",
    ]


def test_one_actor_keeps_the_name_of_its_class(tmp_path: Path) -> None:
    assert load_system(written(tmp_path))["actors"][0]["config"]["component_id"] is None


def test_two_actors_of_one_given_name_are_refused(tmp_path: Path) -> None:
    other = ACTOR | {"actor_path": f"{__name__}:ChannelActor"}
    named = [entry | {"config": {"component_id": "CHANNEL"}} for entry in (ACTOR, other)]
    with pytest.raises(
        UsageError,
        match="`actors.1.config.component_id`: CHANNEL is the name of `actors.0` already: give it",
    ):
        load_system(written(tmp_path, actors=named))
