import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files.ingest import ingest_csv
from adapters.files.timestamps import MixedTimeUnitsError
from adapters.files.timestamps import detect_units
from adapters.files.timestamps import parse_times
from adapters.files.timestamps import parse_timestamp
from tests.adapters.ticks import BTC
from tests.adapters.ticks import all_ticks


CASES = json.loads(
    (Path(__file__).parents[1] / "vectors" / "004" / "timestamp_cases.json").read_text(),
)
LARGEST_NS = 2**63 - 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"])
def test_timestamp_has_the_unit_and_value_of_the_vector(case: dict[str, object]) -> None:
    ns, unit = parse_timestamp(str(case["raw"]))

    assert unit == case["unit"]
    assert (None if ns is None else ns // 1_000_000) == case["ms"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"])
def test_file_of_one_timestamp_gives_the_value_of_the_vector(
    case: dict[str, object],
    tmp_path: Path,
    catalog_path: Path,
) -> None:
    raw, ms, unit = case["raw"], case["ms"], case["unit"]
    fits = isinstance(ms, int) and ms * 1_000_000 <= LARGEST_NS
    same_unit = {"s": "1700000000", "ms": "1700000000000", "us": "1700000000000000"}
    other = same_unit.get(str(unit), "2023-11-14T22:13:20" if unit == "iso" else "17" + "0" * 17)
    path = tmp_path / "trades.csv"
    path.write_text(f"ts,price,size\n{other},100.0,1\n{raw},100.1,1\n")

    report = ingest_csv(catalog_path, BTC, trades=[path])

    ts_event = all_ticks(catalog_path).ts_event
    assert 1_700_000_000_000_000_000 in ts_event
    is_traded = isinstance(ms, int) and fits and ms > 315_532_800_000
    assert report.accepted == (2 if is_traded else 1)
    if is_traded:
        assert ms in ts_event // 1_000_000
    else:
        (reason,) = report.files[0].rejected
        assert reason == ("time before 1980 or in the future" if fits else "no valid time")
        assert report.files[0].rejected[reason].examples[0].row == 3


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1723075200.0256", 1723075200025600000),
        ("1723075200.123456789", 1723075200123456789),
        ("1723075200.1234567899", 1723075200123456789),
        ("1723075200123.4567", 1723075200123456700),
        ("1723075200123456.789", 1723075200123456789),
        ("1723075200123456789.9", 1723075200123456789),
        ("2024-08-08T00:00:00.123456789Z", 1723075200123456789),
        ("2024-08-08T00:00:00.12345678999Z", 1723075200123456789),
        ("2024-08-08 02:00:00.5+0200", 1723075200500000000),
        ("  1723075200 ", 1723075200000000000),
    ],
)
def test_digits_up_to_the_nanosecond_are_exact(text: str, ns: int) -> None:
    assert parse_timestamp(text)[0] == ns


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("99999999999.9", "s"),
        ("100000000000", "ms"),
        ("99999999999999", "ms"),
        ("100000000000000", "us"),
        ("99999999999999999", "us"),
        ("100000000000000000", "ns"),
    ],
)
def test_magnitude_decides_the_unit_up_to_its_bounds(text: str, unit: str) -> None:
    assert parse_timestamp(text)[1] == unit


@pytest.mark.parametrize("text", ["", "0", "-5", "nan", "inf", "12:30", "2026-02-30", "1_000"])
def test_text_without_a_time_is_none(text: str) -> None:
    assert parse_timestamp(text) == (None, None)


@given(st.integers(10**17, LARGEST_NS), st.sampled_from(["s", "ms", "us", "ns"]))
def test_every_nanosecond_survives_the_text_of_every_unit(ns: int, unit: str) -> None:
    decimals = {"s": 9, "ms": 6, "us": 3, "ns": 0}[unit]
    text = f"{Decimal(ns).scaleb(-decimals):f}"

    ts, valid = parse_times(pa.array([text, ""]), unit)

    assert (ts[0], valid.tolist()) == (ns, [True, False])


def test_one_bad_stamp_does_not_change_the_others() -> None:
    texts = [str(1_700_000_000 + second) for second in range(1000)]
    texts[567] = "bad"

    ts, valid = parse_times(pa.array(texts), "s")

    assert np.flatnonzero(~valid).tolist() == [567]
    assert ts[valid].tolist() == [int(text) * 10**9 for text in texts if text != "bad"]


def test_iso_stamps_with_and_without_offset_may_stand_together() -> None:
    texts = pa.array(["2026-01-05T01:00:00+01:00", "2026-01-05 00:00:00", "x", "2026-01-05"])

    ts, valid = parse_times(texts, "iso")

    assert valid.tolist() == [True, True, False, True]
    assert set(ts[valid]) == {1767571200 * 10**9}


@pytest.mark.parametrize(
    ("texts", "unit", "row"),
    [
        (["1700000000", "1700000000000"], "s", 1),
        (["1700000000000", "x", "2026-01-05"], "ms", 2),
        (["2026-01-05", "", "1700000000"], "iso", 2),
    ],
)
def test_stamp_of_another_unit_is_refused(texts: list[str], unit: str, row: int) -> None:
    with pytest.raises(MixedTimeUnitsError) as error:
        parse_times(pa.array(texts), unit)

    assert error.value.row == row


def test_units_are_inferred_for_each_stamp() -> None:
    texts = ["1700000000.5", "1700000000000", "2026-01-05", "", "17" + "0" * 17]

    assert detect_units(pa.array(texts)) == ["s", "ms", "iso", None, "ns"]
