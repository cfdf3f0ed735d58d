"""YAML that refers to itself, nests, unfolds or lies about its types."""

from pathlib import Path
from typing import Any

import pytest

from configs.documents import override
from configs.documents import read
from configs.loader import load_backtest
from configs.plain_yaml import LONGEST_TEXT
from configs.plain_yaml import YamlError
from configs.plain_yaml import parse_yaml
from errors import UsageError


BOMB = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
HOSTILE = [
    ("a: &a [*a]", "holds itself"),
    ("a: &a {b: {c: *a}}", "holds itself"),
    ("a: &a {<<: *a}", "holds itself"),
    ("[" * 100, "nests deeper than 40 levels"),
    ("- " * 5_000 + "a", "nests deeper than 40 levels"),
    ("{a: " * 100, "nests deeper than 40 levels"),
    (BOMB, "unfold to more than 20,000 values"),
    ("a: b\n" * 12_000, "more than 20,000 values|there twice"),
    ("[" + "a," * 30_000, "more than 20,000 values"),
    ("a" * (LONGEST_TEXT + 1), "longer than 65,536 characters"),
    ("a: 1\nb: 2\na: 3", "line 3, column 1: the key 'a' is there twice"),
    ("a: {b: 1, b: 2}", "the key 'b' is there twice"),
    ("1: a", "the key '1' is no text"),
    ("yes: a", "the key 'yes' is no text"),
    ("? [a]\n: b", "the key a collection is no text"),
    ("!!int ''", "'' is no int"),
    ("!!bool x", "'x' is no bool"),
    ("!!timestamp x", "'x' is no timestamp"),
    ("!!float x", "'x' is no float"),
    ("a: 2020-13-45", "'2020-13-45' is no timestamp"),
    ("!!binary 'YQ=='", "binary' is not supported"),
    ("!!set {a}", "set' is not supported"),
    ("!!python/object/apply:os.system [a]", "is not supported"),
    ("!local a", "'!local' is not supported"),
    ("0x" + "f" * 5_000, "more than 200 characters"),
    ("9" * 50_000, "more than 200 characters"),
    ("1:" * 30_000 + "1", "more than 200 characters"),
    ('"\\ud800"', "is no str"),
    ('{"\\ud800": 1}', "is no str"),
    ("*a", "undefined alias"),
    ("--- a\n--- b", "single document"),
    ("a: 'b", "quoted scalar"),
    ("a: \x00", "special characters"),
    ("<<: 3", "merging"),
]


@pytest.mark.parametrize(("text", "message"), HOSTILE, ids=[text[:20] for text, _ in HOSTILE])
def test_hostile_yaml_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(YamlError, match=message) as found:
        parse_yaml(text)
    assert "\n" not in str(found.value)

    path = tmp_path / "system.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"system\.yaml: not valid YAML"):
        read(path, {"a"})
    with pytest.raises(UsageError, match=r"--set a=.*: the value is not valid YAML"):
        override({"a": 1}, [f"a={text}"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: &x [1, {b: 2}]\nc: *x", {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("{a: 1.5, b: 1_000, c: ~, d: no, e: '1', f: !!str 1}", None),
    ],
)
def test_plain_yaml_is_read_as_before(text: str, value: Any) -> None:
    found = parse_yaml(text)

    if value is None and text:
        value = {"a": 1.5, "b": 1000, "c": None, "d": False, "e": "1", "f": "1"}
    assert found == value


def test_a_time_of_the_day_is_text_as_it_is_where_it_begins_with_a_zero() -> None:
    found = parse_yaml("[22:00, 02:00, 1:30, 16:59:30, 12:30.5, -1:30, 1_000, 1.5]")

    assert found == ["22:00", "02:00", "1:30", "16:59:30", "12:30.5", "-1:30", 1_000, 1.5]


def test_a_time_of_the_day_can_be_set_without_quotes() -> None:
    key = "strategies.0.config.rules.hours.enter_until"

    run = load_backtest("cl_leg_lvn", "backtest", [f"{key}=15:00"])

    assert run.document["strategies"][0]["config"]["rules"]["hours"]["enter_until"] == "15:00"
    with pytest.raises(UsageError, match=f"{key}: 02:00 is before 03:00"):
        load_backtest("cl_leg_lvn", "backtest", [f"{key}=02:00"])


@pytest.mark.parametrize("name", ["reversal_pct", "ema_fast", "top"])
def test_a_bad_parameter_of_legs_is_named_by_its_whole_key(name: str) -> None:
    key = f"actors.0.config.legs.{name}"

    with pytest.raises(UsageError, match=key):
        load_backtest("cl_leg_lvn", "backtest", [f"{key}=0"])


def test_aliases_are_copies() -> None:
    found = parse_yaml("a: &x {b: [1]}\nc: *x")

    found["a"]["b"].append(2)

    assert found["c"] == {"b": [1]}


@pytest.mark.parametrize(
    ("system", "setting", "message"),
    [
        ("nq_impulse_lvn", "actors.0.config.state_lookback=9223372036854775808", "too large"),
        ("nq_impulse_lvn", "strategies.0.config.take_profit=1e999999", "too large"),
        ("btc_value_area", "strategies.0.config.risk_pct=1e-999999", "out of all bounds"),
        ("btc_value_area", "actors.0.actor_path=[a]", r"it is no package\.module:Name"),
        ("btc_value_area", "actors.0.actor_path=this_is:none", "No module named"),
        ("btc_value_area", f"chunk_size={10**50}", "out of all bounds"),
    ],
)
def test_numbers_and_names_without_bounds_are_refused(
    system: str, setting: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load_backtest(system, "backtest", [setting])
