from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.data import FundingRateUpdate
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from adapters.bybit import download as module
from adapters.bybit.download import download_bybit
from adapters.bybit.market import BybitMarket
from errors import AuctionError
from errors import UsageError
from tests.adapters.loopback import Answer
from tests.adapters.loopback import Loopback
from tests.adapters.loopback import Request
from tests.adapters.loopback import serve
from tests.adapters.ticks import BTC
from tests.adapters.ticks import is_empty


START = datetime(2024, 8, 8, tzinfo=UTC)
START_MS = int(START.timestamp()) * 1000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
INSTRUMENT = {
    "symbol": "BTCUSDT",
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "launchTime": "1584230400000",
    "deliveryTime": "0",
    "deliveryFeeRate": "",
    "priceScale": "2",
    "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "1190.000",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "minNotionalValue": "5",
    },
    "unifiedMarginTrade": True,
    "fundingInterval": 480,
    "settleCoin": "USDT",
}


class Venue:
    """Bybit's market endpoints: a kline each minute, funding each eight hours."""

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self.now_ms = START_MS + 30 * 24 * HOUR_MS
        self.instruments = [INSTRUMENT]
        self.codes: dict[str, tuple[int, str]] = {}
        self.status = 200
        self.pages = 0

    def answer(self, request: Request) -> Answer:
        name = request.path.removeprefix("/v5/market/")
        assert request.fields["category"] == "linear"
        code, text = self.codes.get(name, (0, "OK"))
        handlers = {
            "instruments-info": self.instruments_info,
            "kline": self.kline,
            "funding/history": self.funding,
        }
        rows = handlers[name](request.fields) if code == 0 else []
        return self.status, {
            "retCode": code,
            "retMsg": text,
            "result": {"category": "linear", "list": rows},
            "retExtInfo": {},
            "time": self.now_ms,
        }

    def instruments_info(self, fields: dict[str, str]) -> list[Any]:
        return self.instruments

    def kline(self, fields: dict[str, str]) -> list[Any]:
        start, end, limit = (int(fields[name]) for name in ("start", "end", "limit"))
        opens = range(-(-start // MINUTE_MS) * MINUTE_MS, end + 1, MINUTE_MS)
        rows = [
            [
                str(ms),
                "55100.1",
                "55110.5",
                "55090",
                f"5510{ms // MINUTE_MS % 10}",
                "1.234",
                "9",
            ]
            for ms in opens
            if ms <= self.now_ms
        ]
        return rows[-limit:][::-1]

    def funding(self, fields: dict[str, str]) -> list[Any]:
        start, end = int(fields["startTime"]), int(fields["endTime"])
        self.pages += 1
        due = [ms for ms in range(0, end + 1, 8 * HOUR_MS) if ms >= start]
        newest_first = due[::-1][: int(fields["limit"])]
        return [
            {
                "symbol": "BTCUSDT",
                "fundingRate": f"0.0000{ms // (8 * HOUR_MS) % 10}1",
                "fundingRateTimestamp": str(ms),
            }
            for ms in newest_first
        ]


@pytest.fixture
def venue() -> Iterator[Venue]:
    holder: list[Venue] = []
    with serve(lambda request: holder[0].answer(request)) as loopback:
        holder.append(Venue(loopback))
        yield holder[0]


def download(venue: Venue, catalog_path: Path, **window: timedelta) -> Any:
    end = START + timedelta(**window)  # type: ignore[arg-type]
    return download_bybit(catalog_path, BTC, START, end, base_url=venue.loopback.url)


def funding(catalog_path: Path) -> list[FundingRateUpdate]:
    return ParquetDataCatalog(catalog_path).query(FundingRateUpdate, identifiers=[BTC])


def test_bars_of_the_window_come_page_by_page(venue: Venue, catalog_path: Path) -> None:
    report = download(venue, catalog_path, days=2)

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    closes_ms = [bar.ts_event // 10**6 for bar in bars]
    assert closes_ms == [START_MS + n * MINUTE_MS for n in range(1, 2 * 1440 + 1)]
    assert str(bars[0].high) == "55110.50"
    assert str(bars[0].volume) == "1.234"
    assert venue.loopback.paths().count("/v5/market/kline") == 3
    assert (report.files[0].rows, report.files[0].accepted) == (2880, 2880)


def test_progress_is_shown_in_minutes_of_the_window(
    venue: Venue, catalog_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals: list[int] = []
    done: list[int] = []

    @contextmanager
    def record(_: str, total: int) -> Iterator[Callable[[int], None]]:
        totals.append(total)
        yield done.append

    monkeypatch.setattr(module, "show_progress", record)
    download(venue, catalog_path, hours=2)
    assert totals == [120]
    assert sum(done) == 120


def test_minute_that_is_not_over_gives_no_bar(venue: Venue, catalog_path: Path) -> None:
    venue.now_ms = START_MS + 10 * MINUTE_MS + 59_999

    download(venue, catalog_path, hours=1)

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    assert len(bars) == 10
    assert download(venue, catalog_path, hours=1).files_written == 0


def test_definition_is_that_of_the_venue(venue: Venue, catalog_path: Path) -> None:
    price_filter = {**INSTRUMENT["priceFilter"], "tickSize": "0.05"}  # type: ignore[dict-item]
    venue.instruments = [{**INSTRUMENT, "priceFilter": price_filter}]

    download(venue, catalog_path, hours=1)

    (instrument,) = ParquetDataCatalog(catalog_path).instruments(instrument_ids=[BTC])
    assert str(instrument.price_increment) == "0.05"


def test_funding_stands_just_before_its_payment(venue: Venue, catalog_path: Path) -> None:
    download(venue, catalog_path, days=1)

    rates = funding(catalog_path)
    due = [START_MS + n * 8 * HOUR_MS for n in range(3)]
    assert [rate.next_funding_ns for rate in rates] == [ms * 10**6 for ms in due]
    assert [rate.ts_init for rate in rates] == [ms * 10**6 - 1 for ms in due]
    assert {rate.interval for rate in rates} == {480}
    assert str(rates[0].rate) == f"0.0000{START_MS // (8 * HOUR_MS) % 10}1"


def test_funding_of_a_long_window_comes_page_by_page(venue: Venue) -> None:
    with BybitMarket.connect("BTCUSDT", venue.loopback.url) as market:
        rates = market.funding(START_MS, START_MS + 150 * 24 * HOUR_MS)

    assert venue.pages == 3
    due = [int(rate["fundingRateTimestamp"]) for rate in rates]
    assert due == [START_MS + n * 8 * HOUR_MS for n in range(450)]


def test_later_download_adds_to_the_catalog(venue: Venue, catalog_path: Path) -> None:
    download(venue, catalog_path, days=1)
    again = download(venue, catalog_path, days=1)
    asked = len(venue.loopback.paths())
    longer = download(venue, catalog_path, days=2)

    assert again.files_written == 0
    assert again.warnings == ("the bars of the window are in the catalog already",)
    assert longer.accepted - again.accepted == 1440 + 3
    assert venue.loopback.paths()[asked:].count("/v5/market/kline") == 2
    assert len(funding(catalog_path)) == 6
    assert len(list(catalog_path.rglob("funding_rate_update/**/*.parquet"))) == 1
    assert len(ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])) == 2880


def test_bars_before_and_after_stored_ones_are_filled_in(
    venue: Venue,
    catalog_path: Path,
) -> None:
    hour = timedelta(hours=1)
    url = venue.loopback.url
    download_bybit(catalog_path, BTC, START + 5 * hour, START + 7 * hour, url)
    download_bybit(catalog_path, BTC, START + 10 * hour, START + 11 * hour, url)

    download_bybit(catalog_path, BTC, START, START + 12 * hour, url)

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    closes_ms = [bar.ts_event // 10**6 for bar in bars]
    assert closes_ms == [START_MS + n * MINUTE_MS for n in range(1, 12 * 60 + 1)]


def test_trades_are_left_to_the_archives(venue: Venue, catalog_path: Path) -> None:
    report = download(venue, catalog_path, days=1)

    assert set(venue.loopback.paths()) == {
        "/v5/market/instruments-info",
        "/v5/market/kline",
        "/v5/market/funding/history",
    }
    assert [file.kind for file in report.files] == ["bars", "rates"]
    assert report.warnings == ()


@pytest.mark.parametrize("name", ["instruments-info", "kline", "funding/history"])
def test_refusal_by_the_venue_is_one_line(name: str, venue: Venue, catalog_path: Path) -> None:
    venue.codes[name] = (10001, "params error: symbol invalid")

    with pytest.raises(AuctionError, match=r"params error: symbol invalid \(code 10001\)") as error:
        download(venue, catalog_path, hours=1)

    assert str(error.value).startswith(f"Bybit {name} for BTCUSDT")
    assert "\n" not in str(error.value)


def test_http_error_is_one_line(venue: Venue, catalog_path: Path) -> None:
    venue.status = 503

    with pytest.raises(AuctionError, match=r"instruments-info for BTCUSDT: .*HTTP status 503"):
        download(venue, catalog_path, hours=1)

    assert is_empty(catalog_path)


def test_wrong_arguments_are_refused(venue: Venue, catalog_path: Path) -> None:
    url = venue.loopback.url
    with pytest.raises(UsageError, match=r"use <symbol>-LINEAR\.BYBIT"):
        download_bybit(catalog_path, "NQZ5.XCME", START, START + timedelta(days=1), url)
    with pytest.raises(UsageError, match="holds no minute"):
        download_bybit(catalog_path, BTC, START, START + timedelta(seconds=59), url)
    venue.now_ms = START_MS + 59_999
    with pytest.raises(UsageError, match="has no minute that is over"):
        download(venue, catalog_path, days=1)
    with pytest.raises(UsageError, match="no linear contract 'ABCUSDT'"):
        download_bybit(
            catalog_path,
            "ABCUSDT-LINEAR.BYBIT",
            START,
            START + timedelta(days=1),
            url,
        )


def test_window_without_time_zone_is_utc(venue: Venue, catalog_path: Path) -> None:
    naive = START.replace(tzinfo=None)

    download_bybit(catalog_path, BTC, naive, naive + timedelta(hours=1), venue.loopback.url)

    bars = ParquetDataCatalog(catalog_path).bars([f"{BTC}-1-MINUTE-LAST-EXTERNAL"])
    assert bars[0].ts_event // 10**6 == START_MS + MINUTE_MS
