"""Margin protection: entries wait while a contract needs too much margin."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.day_margins import read_day_margins
from errors import ParameterError
from errors import UsageError
from strategies.common.gate import Refusal
from strategies.common.margin_protection import MarginGuard
from strategies.common.margin_protection import MarginParams


VECTORS = Path(__file__).parents[1] / "vectors" / "002" / "15_data_mapping.json"
CASES = json.loads(VECTORS.read_text(), parse_float=Decimal)["margin_cases"]
SECOND_NS = 1_000_000_000
BLOCKED = "block new entries, alert once, re-check"


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['symbol']} {c['margin']}")
def test_a_margin_above_its_limit_blocks_entries(case: dict[str, Any]) -> None:
    limits = {root: Decimal(limit) for root, limit in case["limits"].items()}
    params = MarginParams(limits=limits, fail_safe=case["fail_safe"])
    guard = MarginGuard(params, case["symbol"], lambda ts: case["margin"])
    alert = guard.check(0)
    blocked = case["recommended"] == BLOCKED
    assert (guard.refusal is not None) is blocked
    assert (alert is not None) is (blocked or "warning" in case["recommended"])
    # Checked again, it alerts no more.
    assert guard.check(60 * SECOND_NS) is None
    assert (guard.refusal is not None) is blocked


def test_a_change_alerts_once_each_way_and_a_margin_counts_for_a_minute() -> None:
    margins = {0: 40, 60: 50, 120: 50, 180: 30}
    queried: list[int] = []

    def margin_of(ts: int) -> Decimal:
        queried.append(ts // SECOND_NS)
        return Decimal(margins[ts // SECOND_NS])

    guard = MarginGuard(MarginParams(), "MES", margin_of)
    found = []
    for second in (0, 1, 59, 60, 119, 120, 180):
        alert = guard.check(second * SECOND_NS)
        found.append((second, None if alert is None else alert.kind, guard.refusal))
    high = Refusal.MARGIN_HIGH
    assert found == [
        (0, None, None),
        (1, None, None),
        (59, None, None),
        (60, "MARGIN_HIGH", high),
        (119, None, high),
        (120, None, high),
        (180, "MARGIN_NORMAL", None),
    ]
    assert queried == [0, 60, 120, 180]


def test_a_contract_without_a_limit_is_not_checked() -> None:
    def margin_of(ts: int) -> Decimal:
        raise AssertionError("it was queried")

    guard = MarginGuard(MarginParams(), "NQ", margin_of)
    assert (guard.check(0), guard.refusal) == (None, None)


@pytest.mark.parametrize(
    "params",
    [{"limits": {"ES": Decimal(0)}}, {"limits": {"ES": Decimal("NaN")}}, {"cache_seconds": -1}],
)
def test_impossible_rules_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        MarginParams(**params)


def _ts(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * SECOND_NS


def test_the_built_in_margins_are_known_between_their_dates_alone() -> None:
    margins = read_day_margins()
    assert margins.margin("MES", _ts("2023-12-31T23:59:59")) is None
    assert margins.margin("MES", _ts("2024-01-01T00:00:00")) == 40
    assert margins.margin("ES", _ts("2025-07-01T14:00:00")) == 400
    assert margins.margin("SI", _ts("2025-07-01T14:00:00")) is None
    until = margins.known_until.isoformat()
    assert margins.margin("ES", _ts(f"{until}T23:59:59")) == 400
    assert margins.margin("ES", _ts(f"{until}T23:59:59") + SECOND_NS) is None
    assert all(row.source for row in margins.rows)


@pytest.mark.parametrize("root", ["ES", "MES", "NQ", "MNQ", "CL", "MCL", "GC", "MGC"])
def test_each_root_of_the_systems_has_a_margin_with_its_source(root: str) -> None:
    margins = read_day_margins()
    found = margins.margin(root, _ts("2026-01-05T14:30:00"))
    assert found is not None
    whole = margins.margin(
        {"MES": "ES", "MNQ": "NQ", "MCL": "CL", "MGC": "GC"}.get(root, root),
        _ts("2026-01-05T14:30:00"),
    )
    # A micro contract is a tenth.
    assert whole is not None
    assert root[0] != "M" or abs(10 * found - whole) <= 10


GOOD = "known_until: 2026-01-31\nmargins:\n- {root: ES, from: 2026-01-01, margin: 4, source: x}\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("known_until: 2026-01-31\n", "", "must hold `known_until` and `margins`"),
        ("2026-01-31", "soon", "`known_until`: 'soon' is no date"),
        ("2026-01-01", "2026-01-01 10:00:00", "from: .* is no date"),
        ("margin: 4", "margin: 0", "margin: 0 is not a positive amount"),
        ("margin: 4", "margin: x", "margin: 'x' is not a positive amount"),
        ("source: x", "source: ''", "root and source must be given"),
        (", source: x", "", "must hold from, margin, root, source"),
        ("- {", "- [{", "not readable as YAML"),
        ("margins:\n- ", "margins: ", "must be a list"),
    ],
)
def test_a_file_of_margins_names_its_fault(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "margins.yaml"
    path.write_text(GOOD)
    assert read_day_margins(path).margin("ES", _ts("2026-01-02T00:00:00")) == 4
    assert old in GOOD
    broken = tmp_path / "broken.yaml"
    broken.write_text(GOOD.replace(old, new))
    with pytest.raises(UsageError, match=message):
        read_day_margins(broken)
    with pytest.raises(UsageError, match="No such file"):
        read_day_margins(tmp_path / "none.yaml")
