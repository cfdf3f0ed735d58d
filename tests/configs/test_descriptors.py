"""Every configuration names the descriptor of its system, and shared code takes it from there."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import yaml

from actors.messages import DataGap
from actors.messages import Message
from actors.messages import TradeEvent
from actors.messages.base import register
from actors.messages.schema import Parity
from actors.messages.schema import Price
from actors.messages.schema import Table
from actors.messages.schema import Ticks
from actors.messages.schema import Time
from configs import FOLDER
from configs.descriptors import descriptor_of_run
from configs.loader import load_backtest
from configs.system_file import load_system
from errors import AuctionError
from errors import UsageError
from strategies.common.codes import SHARED
from strategies.common.system import System
from strategies.common.views import Bars
from strategies.common.views import Chart
from strategies.common.views import Views
from strategies.impulse_lvn.system import SYSTEM as IMPULSE
from strategies.value_area.system import SYSTEM as VALUE_AREA
from tests.checks import some
from tests.engines import REPOSITORY
from tests.toy.actor import ChannelActor
from tests.toy.messages import ChannelMinute
from tests.toy.system import SYSTEM as CHANNEL


SYSTEMS = sorted((FOLDER / "systems").glob("*.yaml"))
CONFIG = Path("runs/x/config.yaml")


def changed(folder: Path, **keys: object) -> str:
    """Write the value area system with other keys; one that is None is left out."""
    document = yaml.safe_load((FOLDER / "systems" / "btc_value_area.yaml").read_text()) | keys
    path = folder / "mine.yaml"
    kept = {key: value for key, value in document.items() if value is not None}
    path.write_text(yaml.safe_dump(kept))
    return str(path)


def test_the_first_key_of_each_system_file_is_its_descriptor() -> None:
    for path in some(SYSTEMS):
        document = yaml.safe_load(path.read_text())
        assert next(iter(document)) == "system"
        run = load_backtest(path.stem)
        assert run.document["system"] == document["system"]
        assert next(iter(load_system(path.stem))) == "system"
        found = descriptor_of_run(run.document, CONFIG)
        assert isinstance(found, System)
        assert document["system"] == f"strategies.{found.name}.system:SYSTEM"


def test_a_descriptor_names_messages_and_codes_of_its_own() -> None:
    for system in (VALUE_AREA, IMPULSE):
        assert all(issubclass(kind, Message) for kind in some(system.messages))
        assert system.codes.decisions
        assert system.codes.exits == SHARED.exits
    assert VALUE_AREA.codes.refusals == SHARED.refusals
    assert len(IMPULSE.codes.refusals) == len(SHARED.refusals) + 1


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            None,
            "mine.yaml: missing key `system`: name the descriptor .* like strategies.value_area",
        ),
        ("value_area", "mine.yaml: `system`: 'value_area': it is no package.module:Name"),
        ("nowhere.system:SYSTEM", "mine.yaml: `system`: .*No module named 'nowhere'"),
        ("strategies.value_area.system:SYS", "mine.yaml: `system`: .*SYS"),
        ("strategies.value_area.system:System", "mine.yaml: `system`: .* is no System"),
        ("errors:UsageError", "mine.yaml: `system`: errors:UsageError is no System"),
        (3, "mine.yaml: `system`: '?3'?: it is no package.module:Name"),
    ],
)
def test_a_configuration_without_a_descriptor_is_refused_in_one_line(
    tmp_path: Path, value: object, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        load_system(changed(tmp_path, system=value))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("document", [None, [], "text", {"environment": "live"}])
def test_a_run_of_an_earlier_version_has_to_be_made_again(document: object) -> None:
    with pytest.raises(AuctionError, match="runs/x/config.yaml: .*`system`; run the backtest"):
        descriptor_of_run(document, CONFIG)


def test_a_run_whose_system_is_gone_says_so() -> None:
    with pytest.raises(AuctionError, match="runs/x/config.yaml: `system`: gone.system:SYSTEM: "):
        descriptor_of_run({"system": "gone.system:SYSTEM"}, CONFIG)


class OtherMinute(Message):
    """Is written to a table that another message has."""

    TABLE = VALUE_AREA.messages[0].TABLE


class OwnFills(Message):
    """Is written to a table that every run has."""

    TABLE = Table("fills")


class OwnEvents(Message):
    """Is written to a table that a shared message has."""

    TABLE = TradeEvent.TABLE


OTHER = replace(VALUE_AREA, messages=(*VALUE_AREA.messages, OtherMinute))
FILLS = replace(VALUE_AREA, messages=(OwnFills,))
EVENTS = replace(VALUE_AREA, messages=(OwnEvents,))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("OTHER", f"of OtherMinute is that of {VALUE_AREA.messages[0].__name__} already"),
        ("FILLS", "table `fills` of OwnFills is that of every run already"),
        ("EVENTS", "table `trade_events` of OwnEvents is that of TradeEvent already"),
    ],
)
def test_two_messages_of_one_table_are_refused_before_the_run(
    tmp_path: Path, name: str, message: str
) -> None:
    # The rows of one of them would be lost.
    with pytest.raises(UsageError, match=message):
        load_system(changed(tmp_path, system=f"{__name__}:{name}"))


TOY = yaml.safe_load((REPOSITORY / "tests" / "toy" / "toy.yaml").read_text())
CHART = CHANNEL.views.chart


@register
class UncountedMinute(Message):
    """
    Is no closed bar.

    Attributes
    ----------
    ts_min : int
        The start of a minute (ns UTC).
    close : int
        A price (ticks).
    tick_size : float
        Its unit.

    """

    TABLE = Table("uncounted")
    PARITY = (Parity("uncounted", "minutes", ("ts",)),)

    ts_min: Time
    close: Ticks
    tick_size: Price


@register
class OtherParity(Message):
    """
    Has a check of parity that another message has.

    Attributes
    ----------
    close : int
        A price (ticks).

    """

    TABLE = Table("other_parity")
    PARITY = (Parity("channel", "minutes", ("ts",)),)

    close: Ticks


class BareMinute(Message):
    """Lacks its decorator."""

    close: Ticks


class Uncounted(ChannelActor):
    """Publishes no closed bar."""

    PUBLISHES = (DataGap, UncountedMinute)


class Unsaid(ChannelActor):
    """Does not say what it publishes."""

    PUBLISHES = (DataGap,)


def chart(**changes: object) -> System:
    """Return the toy with a chart that differs."""
    return replace(CHANNEL, views=Views(chart=replace(CHART, **changes)))  # type: ignore[arg-type]


UNNAMED = replace(CHANNEL, messages=())
SINGLE = replace(CHANNEL, messages=cast(tuple[type[Message], ...], ChannelMinute))
UNDECORATED = replace(CHANNEL, messages=(ChannelMinute, BareMinute))
TIMELESS = chart(bars=replace(CHART.bars, time="close"))
TWICE = replace(CHANNEL, messages=(ChannelMinute, OtherParity))
NO_COLUMN = chart(bars=replace(CHART.bars, close="last"))
UNCOUNTED = replace(
    CHANNEL,
    messages=(UncountedMinute,),
    views=Views(
        chart=Chart(
            bars=Bars(
                message=UncountedMinute,
                time="ts_min",
                seconds=60,
                open="close",
                high="close",
                low="close",
            )
        )
    ),
)


def toy(folder: Path, name: str, actor: str = "ChannelActor") -> str:
    """Write the toy with another descriptor, and an actor of this module."""
    path = folder / "mine.yaml"
    document = TOY | {"system": f"{__name__}:{name}"}
    document["actors"] = [TOY["actors"][0] | {"actor_path": f"{__name__}:{actor}"}]
    path.write_text(yaml.safe_dump(document))
    return str(path)


@pytest.mark.parametrize(
    ("name", "actor", "message"),
    [
        ("UNNAMED", "ChannelActor", "views show ChannelMinute: name it under `messages`"),
        ("SINGLE", "ChannelActor", r"`messages` must be a tuple of message classes, like \(Chan"),
        ("TWICE", "ChannelActor", "parity `channel` of OtherParity is that of ChannelMinute alre"),
        ("NO_COLUMN", "ChannelActor", "view candles: ChannelMinute has no column `last`: mend its"),
        (
            "TIMELESS",
            "ChannelActor",
            "view candles: column `close` of ChannelMinute is of kind Ticks, not Time: mend its",
        ),
        ("UNDECORATED", "ChannelActor", "BareMinute has no columns: decorate it with @register"),
        (
            "CHANNEL",
            "Unsaid",
            "no table of ChannelMinute would be kept: .* names it in PUBLISHES: Unsaid, ChannelStr",
        ),
        ("UNCOUNTED", "Uncounted", "none of its messages is a closed bar, .*bars='minutes'"),
    ],
)
def test_a_system_that_does_not_fit_together_is_refused_before_the_run(
    tmp_path: Path, name: str, actor: str, message: str
) -> None:
    load_system(toy(tmp_path, "CHANNEL"))
    with pytest.raises(UsageError, match=f"^mine.yaml: .*{message}"):
        load_system(toy(tmp_path, name, actor))
