"""Which data the actors of a system need: a run without them is refused before it starts."""

from pathlib import Path

import pytest

from configs.loader import load_backtest
from configs.needed_data import check_needed_data
from configs.needed_data import needed_data
from errors import UsageError


BARS = str(Path(__file__).parents[1] / "bars" / "bars.yaml")


def document_of(*overrides, system=BARS):
    return load_backtest(system, overrides=list(overrides)).document


def of_step(spec):
    return f"actors.0.config.bar={spec}"


@pytest.mark.parametrize(
    ("spec", "data"),
    [
        ("1-MINUTE-LAST-EXTERNAL", ["Bar 1m"]),
        ("5-MINUTE-LAST-EXTERNAL", ["Bar 5m"]),
        ("1-SECOND-LAST-EXTERNAL", ["Bar 1s"]),
        ("1-MINUTE-LAST-INTERNAL", ["QuoteTick", "TradeTick"]),
    ],
)
def test_a_run_reads_what_its_actors_need(spec, data):
    assert document_of(of_step(spec))["data"] == data


@pytest.mark.parametrize("system", ["btc_value_area", "nq_impulse_lvn"])
def test_the_standing_systems_read_quotes_and_trades(system):
    assert document_of(system=system)["data"] == ["QuoteTick", "TradeTick"]


def test_a_run_that_names_its_data_reads_those():
    assert document_of("data=[TradeTick, Bar]")["data"] == ["TradeTick", "Bar"]


def test_bars_of_another_step_are_refused_with_what_is_wanted_and_what_is_there():
    document = document_of("data=[Bar, Bar 15m]", of_step("5-MINUTE-LAST-EXTERNAL"))
    with pytest.raises(UsageError) as caught:
        check_needed_data(document["data"], document)
    text = str(caught.value)
    assert "`data` lacks Bar 5m, which Closes needs: it has bars of 1m, 15m" in text
    assert "set `data` to [Bar 5m]" in text
    assert len(text) < 300


def test_a_step_is_the_same_however_it_is_written():
    document = document_of("data=[Bar 60s]")
    check_needed_data(document["data"], document)


@pytest.mark.parametrize(
    ("spec", "name"),
    [("1-MINUTE-LAST-EXTERNAL", "Bar 1m"), ("1-MINUTE-LAST-INTERNAL", "TradeTick")],
)
def test_a_run_without_them_is_refused(spec, name):
    document = document_of("data=[QuoteTick]", of_step(spec))
    with pytest.raises(UsageError, match=f"lacks {name}, which Closes needs: `data: null` takes"):
        check_needed_data(document["data"], document)


@pytest.mark.parametrize("spec", ["1-MINUTE-BID-EXTERNAL", "100-TICK-LAST-EXTERNAL"])
def test_bars_of_quotes_or_of_no_fixed_time_are_refused(spec):
    with pytest.raises(UsageError, match="take bars of last prices and a fixed time"):
        document_of(of_step(spec))


def test_what_several_actors_need_is_read_once():
    resolved = document_of()
    resolved["actors"] = [*resolved["actors"], *resolved["actors"]]
    assert needed_data(resolved) == {"Bar 1m": "Closes"}
